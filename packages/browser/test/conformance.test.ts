import { readFileSync } from "node:fs";
import { contextHash, createClient, type Payload, stream } from "@pennon/browser";
import { describe, expect, test } from "vitest";
import { canonical, kindsOf } from "../src/context.ts";
import { ADA, anEvent, Edge, Stream, settled } from "./edge.ts";

function casesOf<T>(name: string): [string, T][] {
  const path = new URL(`../../../conformance/${name}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: (T & { name: string })[] };
  return cases.map(one => [one.name, one]);
}

interface HashCase {
  readonly context: Record<string, unknown>;
  readonly canonical: string;
  readonly hash: string;
}

describe("The hash of a context", () => {
  test.each(casesOf<HashCase>("contexts"))("%s", (_, { context, canonical: text, hash }) => {
    expect(canonical(kindsOf(context))).toBe(text);
    expect(contextHash(context)).toBe(hash);
  });
});

interface BootstrapCase {
  readonly expect: Payload["flags"];
}

describe("A bootstrap payload", () => {
  test.each(casesOf<BootstrapCase>("bootstrap"))("%s", (_, { expect: flags }) => {
    const client = createClient({ bootstrap: { flags } });

    for (const [flag, { value, variation }] of Object.entries(flags)) {
      expect(client.json(flag, "the caller's")).toEqual(value);
      expect(client.detail<unknown>(flag, undefined)).toMatchObject({ flag, value, variation });
    }
  });
});

interface StreamCase {
  readonly starts?: Payload & { readonly since: string };
  readonly events: readonly { event: string; data: string; id?: string }[];
  readonly ends: { version: string; since: string; flags: Payload["flags"] };
}

describe("A client stream", () => {
  test.each(casesOf<StreamCase>("client-stream"))("%s", async (_, { starts, events, ends }) => {
    const opened = new Stream();
    const edge = new Edge(opened.answer);
    const bootstrap = starts && { ...starts, state: starts.since };
    const client = createClient({
      ...edge,
      url: "",
      context: ADA,
      updates: stream(),
      ...(bootstrap && { bootstrap }),
    });
    await settled();
    for (const { event, data, id } of events) await opened.say(anEvent(event, data, id));
    const { flags, version, state } = client.getSnapshot();
    client.close();

    expect({ flags, version, since: state }).toMatchObject(ends);
    expect(Object.keys(flags).sort()).toEqual(Object.keys(ends.flags).sort());
    expect(edge.asked[0]?.body).toEqual({ context: ADA, since: starts?.since });
  });
});
