import { createClient } from "@pennon/browser";
import {
  FlagsProvider,
  useBoolean,
  useFlags,
  useJson,
  useNumber,
  useStale,
  useString,
} from "@pennon/browser/react";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { aPayload } from "./edge.ts";

function Shown() {
  const all = [
    useBoolean("on", false),
    useString("colour", "none"),
    useNumber("size", 0),
    useJson("limits", 0),
    useString("on", "not a string"),
    useStale(),
  ];
  return createElement("p", null, JSON.stringify(all));
}

function rendered(html: string): unknown {
  return JSON.parse(html.replace(/<\/?p>/g, "").replaceAll("&quot;", '"'));
}

/** What comes after the server is shown in Chromium: tests/browser/test_react.py. */
describe("On a server", () => {
  test("hooks read what the client has", () => {
    const values = { on: true, colour: "red", size: 1.5, limits: { a: 1 } };
    const client = createClient({ bootstrap: aPayload(7, values) });
    const html = renderToString(createElement(FlagsProvider, { client }, createElement(Shown)));

    expect(rendered(html)).toEqual([true, "red", 1.5, { a: 1 }, "not a string", false]);
  });

  test("they have the callers' defaults where nobody gave a client", () => {
    expect(rendered(renderToString(createElement(Shown)))).toEqual([
      false,
      "none",
      0,
      0,
      "not a string",
      false,
    ]);
  });

  test("rendering tells of no exposure", () => {
    const told: unknown[] = [];
    const expose = (answer: unknown) => told.push(answer);
    const events = () => ({ expose, track: () => undefined, flush: async () => undefined });
    const bootstrap = { flags: { on: { value: true, variation: 1, track: true } } };
    const client = createClient({ bootstrap, events });
    renderToString(createElement(FlagsProvider, { client }, createElement(Shown)));

    expect(told).toEqual([]);
  });

  test("the client is there for what hooks do not do", () => {
    const client = createClient();
    const seen: unknown[] = [];
    const Look = () => {
      seen.push(useFlags());
      return null;
    };
    renderToString(createElement(FlagsProvider, { client }, createElement(Look)));

    expect(seen).toEqual([client]);
  });
});
