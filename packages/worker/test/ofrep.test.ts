import { describe, expect, test } from "vitest";
import {
  ALL,
  aDatafile,
  aFlag,
  anAccess,
  CLIENT,
  EPOCH,
  holding,
  MOBILE,
  post,
  RELAY,
  SERVER,
  SHOP,
} from "./builders.ts";

const FLAGS = "/ofrep/v1/evaluate/flags";
const ADA = { context: { targetingKey: "ada" } };

const shop = holding(
  anAccess({
    old: { kind: "server", environments: [SHOP], expiresAt: 1 },
    lost: { kind: "server", environments: [SHOP], revoked: true },
  }),
  aDatafile({
    f: aFlag(),
    page: aFlag({ key: "page", clientSide: { web: true } }),
    app: aFlag({ key: "app", clientSide: { mobile: true } }),
    split: aFlag({
      key: "split",
      default: { split: [{ variation: "on", weight: 100_000 }] },
    }),
    whole: aFlag({
      key: "whole",
      type: "float",
      variations: [{ name: "one", value: 1 }],
      off: null,
      default: { variation: "one" },
    }),
    bad: { key: "bad" },
    "a/b c": aFlag({ key: "a/b c" }),
  }),
);

async function keysOf(answer: Response): Promise<string[]> {
  const { flags } = (await answer.json()) as { flags: { key: string }[] };
  return flags.map(({ key }) => key);
}

describe("One flag", () => {
  test("is answered with its value, variant, reason and flat metadata", async () => {
    const answer = await post(shop, `${FLAGS}/f`, ADA);

    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-pennon-version")).toBe(`${EPOCH}.1`);
    expect(await answer.json()).toEqual({
      key: "f",
      value: true,
      variant: "on",
      reason: "STATIC",
      metadata: { flagSetId: SHOP, version: 1, "pennon.reason": "FALLTHROUGH" },
    });
  });

  test("is named by its path, percent-encoded", async () => {
    const answer = await post(shop, `${FLAGS}/a%2Fb%20c`, ADA);

    expect(await answer.json()).toMatchObject({ key: "a/b c", value: true });
  });

  test("of type float has a fraction", async () => {
    const answer = await post(shop, `${FLAGS}/whole`, ADA);

    expect(await answer.text()).toContain('"value":1.0');
  });

  test.each([
    ["nowhere", ADA, 404, "FLAG_NOT_FOUND"],
    ["bad", ADA, 400, "PARSE_ERROR"],
    ["split", {}, 400, "TARGETING_KEY_MISSING"],
    ["f", "{", 400, "PARSE_ERROR"],
    ["f", "[]", 400, "PARSE_ERROR"],
    ["f", '{"context":{"targetingKey":"\\ud800"}}', 400, "PARSE_ERROR"],
    ["f", { context: 1 }, 400, "INVALID_CONTEXT"],
    ["f", { context: { kind: "multi" } }, 400, "INVALID_CONTEXT"],
    ["f", "x".repeat(131_073), 413, "GENERAL"],
  ])("that fails says why: %s asked with %j", async (key, body, status, errorCode) => {
    const answer = await post(shop, `${FLAGS}/${key}`, body);

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ key, errorCode, errorDetails: expect.any(String) });
  });
});

describe("All flags", () => {
  test("hide no other by failing", async () => {
    expect(await keysOf(await post(shop, FLAGS, ADA))).toContain("bad");
  });

  test.each([
    [CLIENT, ["page"]],
    [MOBILE, ["app"]],
  ])("are those that %s may see", async (key, visible) => {
    expect(await keysOf(await post(shop, FLAGS, ADA, { key }))).toEqual(visible);
  });

  test("have a tag, and are not said again to who has it", async () => {
    const first = await post(shop, FLAGS, ADA);
    const tag = first.headers.get("etag") ?? "";
    const again = await post(shop, FLAGS, ADA, { headers: { "if-none-match": tag } });

    expect(again.status).toBe(304);
    expect(again.headers.get("etag")).toBe(tag);
    expect(await again.text()).toBe("");
  });

  test("have another tag for another context", async () => {
    const one = await post(shop, FLAGS, ADA);
    const other = await post(shop, FLAGS, { context: { targetingKey: "bob" } });

    expect(one.headers.get("etag")).not.toBe(other.headers.get("etag"));
  });
});

describe("A key", () => {
  test.each([
    [undefined, 401],
    ["unknown", 401],
    ["old", 401],
    ["lost", 401],
    [RELAY, 403],
    [ALL, 400],
  ])("opens what it is for alone: %s is %i", async (key, status) => {
    const answer = await post(shop, FLAGS, ADA, { key });

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ errorCode: "GENERAL" });
  });

  test.each([
    [ALL, SHOP, 200],
    [SERVER, "shop/staging", 403],
    [ALL, "shop/nowhere", 404],
  ])("may name the environment: %s asks %s", async (key, environment, status) => {
    const headers = { "x-pennon-environment": environment };

    expect((await post(shop, FLAGS, ADA, { key, headers })).status).toBe(status);
  });

  test("may come as X-API-Key", async () => {
    const headers = { "x-api-key": SERVER };

    expect((await post(shop, FLAGS, ADA, { key: undefined, headers })).status).toBe(200);
  });

  test("is not wrong before keys are known", async () => {
    const answer = await post(holding(), FLAGS, ADA);

    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
  });
});

describe("A page of another origin", () => {
  const origin = "https://app.example.com";

  test("is told beforehand what it may send", async () => {
    const answer = await post(shop, FLAGS, "", { method: "OPTIONS", headers: { origin } });

    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-headers")).toContain("authorization");
  });

  test("may read a refusal", async () => {
    const answer = await post(shop, FLAGS, ADA, { key: "unknown", headers: { origin } });

    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("is kept out where the worker names others", async () => {
    const strict = { ...shop, pages: ["https://other.example.com"] };
    const answer = await post(strict, FLAGS, ADA, { headers: { origin } });

    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.get("vary")).toBe("origin");
  });
});

test("Other methods and other paths are refused.", async () => {
  const got = await post(shop, FLAGS, "", { method: "GET" });

  expect([got.status, got.headers.get("allow")]).toEqual([405, "OPTIONS, POST"]);
  expect((await post(shop, "/elsewhere", ADA)).status).toBe(404);
});
