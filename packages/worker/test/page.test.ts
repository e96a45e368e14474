import type { Page } from "@pennon/worker";
import { describe, expect, test } from "vitest";
import { inserter } from "../src/inserter.ts";
import { aDatafile, aFlag, anAccess, holding, post, SHOP } from "./builders.ts";

/** Return what comes out where *page* arrives in pieces of *size* bytes. */
async function inserted(page: string, size = 3): Promise<string> {
  const bytes = new TextEncoder().encode(page);
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size)
        controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
  return await new Response(pieces.pipeThrough(inserter("<TAG>"))).text();
}

describe("A tag is put first into the head", () => {
  test.each([
    ["<html><head><title>é</title>", "<html><head><TAG><title>é</title>"],
    ['<HEAD lang="x">b', '<HEAD lang="x"><TAG>b'],
    ["<!-- <head> --><head>", "<!-- <head> --><head><TAG>"],
    ["<header><head>", "<header><head><TAG>"],
    ["<head></head><head>", "<head><TAG></head><head>"],
    ["<p>no head</p>", "<p>no head</p>"],
    ["<!-- <head>", "<!-- <head>"],
    ["", ""],
  ])("of %s", async (page, expected) => {
    expect(await inserted(page)).toBe(expected);
  });

  test("and what comes late is let through as it is", async () => {
    const page = `${"x".repeat(70_000)}<head>`;

    expect(await inserted(page, 8_192)).toBe(page);
  });
});

const HTML = { "content-type": "text/html; charset=utf-8", etag: '"x"' };

function site(body: string, headers: Record<string, string> = HTML): Page {
  return {
    environment: SHOP,
    fetch: async () => new Response(body, { headers }),
    contextOf: () => ({ targetingKey: "ada" }),
  };
}

const flags = holding(
  anAccess(),
  aDatafile({
    f: aFlag({
      clientSide: { web: true },
      type: "string",
      variations: [{ name: "on", value: "</script>" }],
    }),
  }),
);

describe("A page behind the worker", () => {
  test("holds its visitor's flags, whatever their values, and is private", async () => {
    const page = site("<head></head>");
    const answer = await post({ ...flags, page }, "/", "", { method: "GET" });

    expect(await answer.text()).toMatch(
      /^<head><script type="application\/json" id="__FLAG_BOOTSTRAP__">\{[^<]*\}<\/script><\/head>$/,
    );
    expect(answer.headers.get("cache-control")).toBe("private, no-cache");
    expect(answer.headers.get("etag")).toBeNull();
  });

  test("goes out as it is where there are no flags", async () => {
    const answer = await post({ ...holding(), page: site("<head></head>") }, "/", "", {
      method: "GET",
    });

    expect(await answer.text()).toBe("<head></head>");
    expect(answer.headers.get("etag")).toBe('"x"');
  });

  test("is left alone where it is no page", async () => {
    const page = site("<head>", { "content-type": "text/css" });
    const answer = await post({ ...flags, page }, "/style.css", "", { method: "GET" });

    expect(await answer.text()).toBe("<head>");
  });
});
