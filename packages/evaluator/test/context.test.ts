import { evaluate } from "@pennon/evaluator";
import { describe, expect, test } from "vitest";
import { aFlag, aRuleset } from "./builders.ts";

const codeOf = (context: unknown, flag = "f") =>
  evaluate(aRuleset([aFlag()]), flag, context).errorCode;

describe("A context", () => {
  test.each([
    ["is an object", null],
    ["is not an array", [{ key: "ada" }]],
    ["has a kind that is a string", { kind: 1 }],
    ["has a kind that is not null", { kind: null }],
    ["has a kind that is not empty", { kind: "" }],
    ["has a kind without a space", { kind: "a b" }],
    ["has a kind in ASCII", { kind: "é" }],
    ["has a kind that is not 'kind'", { kind: "kind" }],
    ["has a kind of at most 256 characters", { kind: "k".repeat(257) }],
    ["of many kinds has at least one", { kind: "multi" }],
    ["of many kinds holds objects only", { kind: "multi", user: "ada" }],
    ["of many kinds has no kind 'multi'", { kind: "multi", multi: {} }],
  ])("%s", (_, context) => {
    expect(codeOf(context)).toBe("INVALID_CONTEXT");
  });

  test("may be empty, or bear a targetingKey beside its kinds", () => {
    const contexts = [{}, { kind: "multi", targetingKey: "ada", user: {} }];

    expect(contexts.map(context => codeOf(context))).toEqual([undefined, undefined]);
  });

  test("is read before the flag is looked for", () => {
    expect(codeOf(null, "nope")).toBe("INVALID_CONTEXT");
  });
});
