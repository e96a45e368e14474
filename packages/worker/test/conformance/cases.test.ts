/** What the worker shares with every other language: contexts, payloads, tags, events, replicas. */
import { type Datafile, evaluateAll, type Json } from "@pennon/evaluator";
import { bootstrapTag } from "@pennon/worker";
import { expect, test } from "vitest";
import { flagsText } from "../../src/bootstrap.ts";
import { canonical, contextHash, kindsOf } from "../../src/context.ts";
import { Environment } from "../../src/environment.ts";
import { written } from "../../src/position.ts";
import { Replica } from "../../src/replica.ts";
import type { Side } from "../../src/scope.ts";
import { SseParser } from "../../src/sse.ts";
import { aDatafile, casesOf } from "../builders.ts";

interface Named {
  readonly name: string;
}

const contexts = casesOf<Named & { context: Json; canonical: string; hash: string }>(
  "contexts.json",
);

test.each(contexts)("A context has one hash, whatever its form: $name", async one => {
  const kinds = kindsOf(one.context);

  expect(canonical(Object.fromEntries(kinds))).toBe(one.canonical);
  expect(await contextHash(kinds)).toBe(one.hash);
});

type Payload = Named & Pick<Datafile, "flags" | "segments"> & { context: Json; expect: Json };

test.each(casesOf<Payload & { side: Side }>("bootstrap.json"))(
  "A payload holds what has a value: $name",
  ({ flags, segments, context, side, expect: expected }) => {
    const held = new Environment("shop/production");
    held.replica.replace(aDatafile(flags, { segments: segments ?? {} }));
    const details = evaluateAll(held.ruleset, context, undefined, side);

    const { replica, ruleset } = held;
    const text = flagsText({ held: { replica, ruleset, staleMs: undefined } }, details);
    expect(canonical(JSON.parse(text))).toBe(canonical(expected));
  },
);

type Tag = Named & { payload: string; tag: string; nonce?: string; executable?: boolean };

test.each(casesOf<Tag>("bootstrap-tag.json"))(
  "A tag is safe to the letter: $name",
  ({ payload, tag, name: _, ...options }) => {
    expect(bootstrapTag(payload, options)).toBe(tag);
  },
);

type Stream = Named & { chunks: (string | { hex: string })[]; events: object[] };

test.each(casesOf<Stream>("sse.json"))("Events are read: $name", ({ chunks, events }) => {
  const decoder = new TextDecoder();
  const parser = new SseParser();

  const read = chunks.flatMap(chunk => {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk.hex, "hex");
    return parser.feed(decoder.decode(bytes, { stream: true }));
  });
  expect(read).toEqual(events);
});

type Delta = Named & {
  messages: { event: string; data: string; verdict: string }[];
  ends: { position: string | null; flags: Record<string, string> };
};

/** A worker does not compute digests: see docs/decisions/0185. */
const OF_DIGESTS = /digest/;

test.each(casesOf<Delta>("deltas.json").filter(({ name }) => !OF_DIGESTS.test(name)))(
  "A replica takes what moves it on: $name",
  ({ messages, ends }) => {
    const replica = new Replica("shop/production");

    const verdicts = messages.map(({ event, data }) => replica.take({ name: event, id: "", data }));
    expect(verdicts).toEqual(messages.map(({ verdict }) => verdict));
    expect(replica.position ? written(replica.position) : null).toBe(ends.position);
    const flags = Object.entries(ends.flags).map(([key, text]) => [key, JSON.parse(text)]);
    expect(Object.fromEntries(replica.items.flag)).toEqual(Object.fromEntries(flags));
  },
);
