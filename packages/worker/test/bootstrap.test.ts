import { describe, expect, test } from "vitest";
import { aDatafile, aFlag, anAccess, CLIENT, EPOCH, holding, NOW, post, SHOP } from "./builders.ts";

const PATH = "/bootstrap/v1";
const ADA = { context: { targetingKey: "ada", plan: "pro" } };

const shop = holding(
  anAccess(),
  aDatafile({ f: aFlag(), page: aFlag({ key: "page", clientSide: { web: true } }) }),
);

describe("A payload", () => {
  test("says what a page's flags serve the context, and whose they are", async () => {
    const answer = await post(shop, PATH, ADA, { key: CLIENT });

    expect(await answer.json()).toEqual({
      version: "v1",
      flags: { page: { value: true, variation: 0 } },
      epoch: EPOCH,
      environment: SHOP,
      contextHash: "89cdc9c044b6d87b4c9eb8c0dcce11dc1a491867",
      generatedAt: NOW,
    });
  });

  test("is the same for a server, which puts it into a page", async () => {
    const [server, client] = await Promise.all([
      post(shop, PATH, ADA),
      post(shop, PATH, ADA, { key: CLIENT }),
    ]);

    expect(await server.text()).toBe(await client.text());
  });

  test("is private, and not said again to who has it", async () => {
    const tag = (await post(shop, PATH, ADA)).headers.get("etag") ?? "";
    const again = await post(shop, PATH, ADA, { headers: { "if-none-match": tag } });

    expect(again.status).toBe(304);
    expect(again.headers.get("cache-control")).toBe("private, no-cache");
  });

  test.each(["{", { context: [] }])("for no context is a problem: %j", async body => {
    const answer = await post(shop, PATH, body);

    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });
});
