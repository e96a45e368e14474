import { contextHash, createClient, type Link, type Options, type Payload } from "@pennon/browser";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ADA, aPayload, EPOCH } from "./edge.ts";

const page = globalThis as { __FLAG_BOOTSTRAP__?: unknown };
const BEN = { targetingKey: "ben" };

afterEach(() => {
  delete page.__FLAG_BOOTSTRAP__;
  vi.useRealTimers();
});

/** Return a client whose updates come from the test, over the link that is returned too. */
function aLinked(options: Options = {}) {
  const links: Link[] = [];
  const updates = (link: Link) => links.push(link);
  const client = createClient({ context: ADA, updates, ...options });
  const link = () => links.at(-1) as Link;
  return { client, link, links };
}

/** Return a store as a browser has it, which counts how often it was touched. */
function aStore(entries: Record<string, string> = {}) {
  const touched = { times: 0 };
  const cache = () => {
    touched.times++;
    return {
      getItem: (key: string) => entries[key] ?? null,
      setItem: (key: string, value: string) => {
        entries[key] = value;
      },
    };
  };
  return { cache, entries, touched };
}

describe("What a page brings", () => {
  test("is read from a property of the window", () => {
    page.__FLAG_BOOTSTRAP__ = aPayload(7, { on: true });

    expect(createClient().boolean("on", false)).toBe(true);
  });

  test("is read from an element, which is such a property too", () => {
    const textContent = JSON.stringify(aPayload(7, { on: true }));
    page.__FLAG_BOOTSTRAP__ = { tagName: "SCRIPT", textContent };

    expect(createClient().boolean("on", false)).toBe(true);
  });

  test("is read from no element that a visitor may have written", () => {
    const textContent = JSON.stringify(aPayload(7, { on: true }));
    page.__FLAG_BOOTSTRAP__ = { tagName: "DIV", textContent };

    expect(createClient().boolean("on", false)).toBe(false);
  });

  test("may be given instead", () => {
    page.__FLAG_BOOTSTRAP__ = aPayload(7, { on: false });

    expect(createClient({ bootstrap: aPayload(7, { on: true }) }).boolean("on", false)).toBe(true);
  });

  test.each([
    ["text", "no JSON"],
    ["an element with text that is no JSON", { tagName: "SCRIPT", textContent: "{" }],
    ["null", null],
    ["an object without flags", {}],
  ])("leaves the defaults when it is %s", (_, brought) => {
    page.__FLAG_BOOTSTRAP__ = brought;

    expect(createClient().boolean("on", true)).toBe(true);
  });

  test("is for its context and no other", () => {
    const bootstrap = { ...aPayload(7, { on: true }), contextHash: contextHash(ADA) };

    expect(createClient({ bootstrap, context: ADA }).boolean("on", false)).toBe(true);
    expect(createClient({ bootstrap, context: BEN }).boolean("on", false)).toBe(false);
    expect(createClient({ bootstrap }).boolean("on", false)).toBe(true);
  });
});

describe("A flag", () => {
  const flags = { b: true, s: "red", n: 1.5, j: { a: [1] }, nothing: null };
  const client = createClient({ bootstrap: aPayload(7, flags) });

  test("has the value that it serves", () => {
    expect(client.boolean("b", false)).toBe(true);
    expect(client.string("s", "")).toBe("red");
    expect(client.number("n", 0)).toBe(1.5);
    expect(client.json("j", {})).toEqual({ a: [1] });
    expect(client.json("nothing", 1)).toBeNull();
    expect(client.json("b", "anything")).toBe(true);
  });

  test("has the caller's default where its value is of another type", () => {
    expect(client.boolean("s", true)).toBe(true);
    expect(client.string("n", "none")).toBe("none");
    expect(client.number("nothing", 3)).toBe(3);
    expect(client.detail("s", 1)).toEqual({ flag: "s", value: 1, errorCode: "TYPE_MISMATCH" });
  });

  test("that is not there has the caller's default", () => {
    expect(client.string("none", "default")).toBe("default");
    expect(client.boolean("constructor", false)).toBe(false);
    expect(client.detail("none", 1)).toEqual({
      flag: "none",
      value: 1,
      errorCode: "FLAG_NOT_FOUND",
    });
    expect(createClient().detail("none", 1).errorCode).toBe("NOT_READY");
  });

  test("says where it is from", () => {
    const bootstrap = { flags: { f: { value: "x", variation: 2, ruleId: "r1" } } };

    expect(createClient({ bootstrap }).detail("f", "")).toEqual({
      flag: "f",
      value: "x",
      variation: 2,
      ruleId: "r1",
      source: "bootstrap",
    });
  });
});

describe("What a client is told", () => {
  test("replaces what it has, or changes some of it", () => {
    const { client, link } = aLinked();
    link().take(aPayload(1, { a: 1, b: 1, c: 1 }));
    link().take(aPayload(2, { b: 2 }), ["a"]);

    expect(["a", "b", "c"].map(flag => client.number(flag, 0))).toEqual([0, 2, 1]);
  });

  test.each([
    ["an older version", aPayload(6, { n: 6 }), 7],
    ["an older epoch", { ...aPayload(9, { n: 9 }), epoch: "1763812799999-ffffffff" }, 7],
    ["a newer version", aPayload(10, { n: 10 }), 10],
    ["the same version", aPayload(7, { n: 8 }), 8],
    ["a newer epoch", { ...aPayload(1, { n: 1 }), epoch: "1763812800001-00000000" }, 1],
  ])("never goes back: %s", (_, payload, expected) => {
    const { client, link } = aLinked({ bootstrap: aPayload(7, { n: 7 }) });
    link().take(payload);

    expect(client.number("n", 0)).toBe(expected);
  });

  test("is told to subscribers, with a snapshot that is the same until then", () => {
    const { client, link } = aLinked({ bootstrap: aPayload(7, { n: 7 }) });
    const seen: unknown[] = [];
    const undo = client.subscribe(() => seen.push(client.getSnapshot().version));
    const before = client.getSnapshot();
    link().take(aPayload(8, { n: 8 }));
    undo();
    link().take(aPayload(9, { n: 9 }));

    expect(before.version).toBe("v7");
    expect(seen).toEqual(["v8"]);
    expect(client.getSnapshot()).toBe(client.getSnapshot());
  });

  test("reaches all subscribers though one throws", () => {
    const errors: unknown[] = [];
    const { client, link } = aLinked({ onError: error => errors.push(error) });
    const fault = new Error("mine");
    let heard = 0;
    client.subscribe(() => {
      throw fault;
    });
    client.subscribe(() => heard++);
    link().take(aPayload(1, {}));

    expect([heard, errors]).toEqual([1, [fault]]);
  });

  test("is stale while the edge is not heard, and not before it is asked", () => {
    const { client, link } = aLinked({ bootstrap: aPayload(7, { n: 7 }) });
    const stale = () => client.getSnapshot().stale;
    const seen = [stale()];
    link().heard(new Error("gone"));
    seen.push(stale());
    link().heard();
    seen.push(stale());

    expect(seen).toEqual([false, true, false]);
  });

  test("comes to an end when the client is closed, which goes on answering", () => {
    const { client, link } = aLinked({ bootstrap: aPayload(7, { n: 7 }) });
    client.close();
    link().take(aPayload(8, { n: 8 }));

    expect(link().signal.aborted).toBe(true);
    expect(client.number("n", 0)).toBe(7);
  });

  test("is waited for, and not for ever", async () => {
    vi.useFakeTimers();
    const { client, link } = aLinked();
    const late = client.ready(10);
    vi.advanceTimersByTime(10);
    const told = [await late];
    const early = client.ready();
    link().take(aPayload(1, {}));
    told.push(await early, await client.ready());

    expect(told).toEqual([false, true, true]);
  });
});

describe("Another context", () => {
  test("never has the answers of the one before", () => {
    const { client, links } = aLinked({ bootstrap: aPayload(7, { n: 7 }) });
    client.setContext(BEN);
    links[0]?.take(aPayload(8, { n: 8 }));
    const before = client.number("n", 0);
    links[1]?.take(aPayload(5, { n: 5 }));

    expect(before).toBe(0);
    expect(client.number("n", 0)).toBe(5);
    expect([links[0]?.signal.aborted, links[1]?.context]).toEqual([true, BEN]);
  });

  test("may bring its own", async () => {
    const client = createClient({ context: ADA, bootstrap: aPayload(7, { n: 7 }) });
    const bootstrap = { ...aPayload(7, { n: 8 }), contextHash: contextHash(BEN) };

    expect(await client.setContext(BEN, bootstrap)).toBe(true);
    expect(client.number("n", 0)).toBe(8);
  });

  test("that is none leaves the defaults", () => {
    const errors: unknown[] = [];
    const bootstrap = { ...aPayload(7, { n: 7 }), contextHash: contextHash(ADA) };
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const client = createClient({ context: loop, bootstrap, onError: error => errors.push(error) });

    expect(client.number("n", 0)).toBe(0);
    expect(errors).toHaveLength(1);
  });
});

describe("What the last visit left", () => {
  const kept = (context: Record<string, unknown>, payload: Payload) => ({
    "pennon  k": JSON.stringify({ ...payload, contextHash: contextHash(context) }),
  });

  test("is what the next begins with", () => {
    const store = aStore();
    const options = { key: "k", context: ADA, cache: store.cache };
    aLinked(options)
      .link()
      .take(aPayload(7, { n: 7 }));
    const { client } = aLinked(options);

    expect(client.detail("n", 0)).toMatchObject({ value: 7, source: "cache" });
    expect(client.getSnapshot()).toMatchObject({ stale: true, version: "v7", epoch: EPOCH });
  });

  test("is for its context and no other", () => {
    const { cache } = aStore(kept(ADA, aPayload(7, { n: 7 })));

    expect(createClient({ key: "k", context: ADA, cache }).number("n", 0)).toBe(7);
    expect(createClient({ key: "k", context: BEN, cache }).number("n", 0)).toBe(0);
  });

  test("is not touched where the page brings something, which takes time", () => {
    const { cache, touched } = aStore(kept(ADA, aPayload(9, { n: 9 })));
    const client = createClient({
      key: "k",
      context: ADA,
      cache,
      bootstrap: aPayload(7, { n: 7 }),
    });

    expect([client.number("n", 0), touched.times]).toEqual([7, 0]);
  });

  test.each([["no JSON"], ["null"], ["{}"], ['{"flags": null}']])("may be %s", text => {
    const { cache } = aStore({ "pennon  k": text });

    expect(createClient({ key: "k", context: ADA, cache }).number("n", 3)).toBe(3);
  });

  test("may be forbidden to a page, which goes on without", () => {
    const cache = () => {
      throw new Error("SecurityError");
    };
    const { client, link } = aLinked({ cache });
    link().take(aPayload(7, { n: 7 }));

    expect(client.number("n", 0)).toBe(7);
  });
});
