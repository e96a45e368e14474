import { OpenFeature, type Provider, ProviderEvents, ProviderStatus } from "@openfeature/web-sdk";
import { type Link, type Options, poll } from "@pennon/browser";
import { PennonWebProvider } from "@pennon/openfeature-web";
import { afterEach, describe, expect, test, vi } from "vitest";

const FLAGS = {
  on: { value: true, variation: 1 },
  colour: { value: "red", variation: 0, ruleId: "r1" },
  size: { value: 1.5, variation: 0 },
  limits: { value: { a: [1] }, variation: 0 },
};

afterEach(async () => {
  vi.useRealTimers();
  await OpenFeature.clearProviders();
  await OpenFeature.clearContexts();
  OpenFeature.clearHandlers();
});

/** Set a provider whose updates come from the test, over the link that is returned. */
async function aProvider(options: Options = {}) {
  const links: Link[] = [];
  const updates = (link: Link) => links.push(link);
  const provider: Provider = new PennonWebProvider({
    bootstrap: { flags: FLAGS },
    updates,
    ...options,
  });
  await OpenFeature.setProviderAndWait(provider).catch(() => undefined);
  const told: unknown[] = [];
  for (const event of Object.values(ProviderEvents)) {
    OpenFeature.addHandler(event, details => {
      told.push(details?.flagsChanged ? [event, details.flagsChanged] : event);
    });
  }
  told.length = 0; // what a handler is told of what has been
  return { client: OpenFeature.getClient(), link: () => links.at(-1) as Link, told };
}

/** An edge that never answers in time for a test, and one that is told to. */
const answering = (flags: object) => async () => new Response(JSON.stringify({ flags }));

describe("An evaluation", () => {
  test("has the values that the page brings", async () => {
    const { client } = await aProvider();

    expect(client.getBooleanValue("on", false)).toBe(true);
    expect(client.getStringValue("colour", "")).toBe("red");
    expect(client.getNumberValue("size", 0)).toBe(1.5);
    expect(client.getObjectValue("limits", {})).toEqual({ a: [1] });
  });

  test("says the variation, the rule and how current it is", async () => {
    const { client, link } = await aProvider();
    const current = client.getStringDetails("colour", "");
    link().heard(new Error("gone"));
    const stale = client.getStringDetails("colour", "");

    expect(current).toMatchObject({
      variant: "0",
      reason: "UNKNOWN",
      flagMetadata: { "pennon.source": "bootstrap", "pennon.ruleId": "r1" },
    });
    expect(stale.reason).toBe("STALE");
  });

  test("has the caller's default, and why, where there is no value", async () => {
    const { client } = await aProvider();

    expect(client.getStringDetails("none", "mine")).toMatchObject({
      value: "mine",
      reason: "ERROR",
      errorCode: "FLAG_NOT_FOUND",
    });
    expect(client.getStringDetails("on", "mine")).toMatchObject({
      value: "mine",
      errorCode: "TYPE_MISMATCH",
    });
  });
});

describe("The provider tells", () => {
  test("which flags have changed, and of nothing when none has", async () => {
    const { link, told } = await aProvider();
    link().take({ flags: { ...FLAGS, on: { value: false, variation: 0 } } });
    link().take({ flags: { ...FLAGS, on: { value: false, variation: 0 } } });
    link().take({ flags: {} }, ["size"]);

    expect(told).toEqual([
      [ProviderEvents.ConfigurationChanged, ["on"]],
      [ProviderEvents.ConfigurationChanged, ["size"]],
    ]);
  });

  test("that the edge is not heard, and that it is again", async () => {
    const { client, link, told } = await aProvider();
    link().heard(new Error("gone"));
    const status = client.providerStatus;
    link().heard();

    expect(told).toEqual([ProviderEvents.Stale, ProviderEvents.Ready]);
    expect([status, client.providerStatus]).toEqual([ProviderStatus.STALE, ProviderStatus.READY]);
  });
});

describe("A context", () => {
  test("that changes is asked for, and its answers are waited for", async () => {
    const contexts: unknown[] = [];
    const { client, told } = await aProvider({
      updates: link => {
        contexts.push(link.context);
        const { targetingKey } = link.context;
        if (targetingKey === "ben") link.take({ flags: { on: { value: false, variation: 0 } } });
      },
    });
    await OpenFeature.setContext({ targetingKey: "ben" });

    expect(contexts).toEqual([{}, { targetingKey: "ben" }]);
    expect(client.getBooleanValue("on", true)).toBe(false);
    expect(told).toEqual([ProviderEvents.Reconciling, ProviderEvents.ContextChanged]);
  });

  test("that is set beforehand is the first", async () => {
    await OpenFeature.setContext({ targetingKey: "ada" });
    const { link } = await aProvider();

    expect(link().context).toEqual({ targetingKey: "ada" });
  });
});

describe("A page that brings nothing", () => {
  test("is ready once the edge has answered", async () => {
    const fetch = answering({ on: { value: true, variation: 1 } });
    const { client } = await aProvider({ bootstrap: undefined, updates: poll(), fetch });

    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(client.getBooleanValue("on", false)).toBe(true);
  });

  test("is in error when nothing came, until something does", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const setting = aProvider({ bootstrap: undefined });
    await vi.advanceTimersByTimeAsync(10_000);
    const { client, link, told } = await setting;
    const status = client.providerStatus;
    link().take({ flags: { on: { value: true, variation: 1 } } });

    expect([status, client.providerStatus]).toEqual([ProviderStatus.ERROR, ProviderStatus.READY]);
    expect(told).toEqual([ProviderEvents.Ready, [ProviderEvents.ConfigurationChanged, ["on"]]]);
  });
});

describe("Tracking", () => {
  test("tells of what happened, and of nothing nested", async () => {
    const told: unknown[] = [];
    const { client } = await aProvider({
      events: () => ({
        expose: () => undefined,
        track: (...event) => told.push(event),
        flush: async () => undefined,
      }),
    });
    client.track("purchase", { value: 9.5, currency: "EUR", basket: { items: 2 }, coupon: null });
    client.track("left");

    expect(told).toEqual([
      ["purchase", 9.5, { currency: "EUR", coupon: null }],
      ["left", undefined, {}],
    ]);
  });
});
