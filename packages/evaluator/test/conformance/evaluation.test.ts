import { compile, evaluate } from "@pennon/evaluator";
import { openfeatureReason } from "@pennon/evaluator/openfeature";
import { describe, expect, test } from "vitest";
import { type ClauseCase, type EvaluationCase, readAll } from "./cases.ts";

const HEAD = { environment: "shop/test", epoch: "0000000000000-00000000", version: 1, digest: "" };
const NOTHING = {
  variation: null,
  index: null,
  value: null,
  version: 0,
  split: false,
  inExperiment: false,
};

describe.each(readAll<EvaluationCase>("evaluation/"))("%s", (_, cases) => {
  test.each(cases)("$name", ({ flags = {}, segments = {}, evaluations }) => {
    const ruleset = compile({ ...HEAD, flags, segments });

    for (const { flag, context, memberships, expect: expected, openfeature } of evaluations) {
      const detail = evaluate(
        ruleset,
        flag,
        context,
        (segment, key) => memberships?.[segment]?.[key],
      );
      const { errorMessage: _, ...rest } = detail;
      expect(rest).toEqual({ flag, ...NOTHING, ...expected });
      if (openfeature !== undefined) {
        expect(openfeatureReason(detail, ruleset)).toBe(openfeature);
      }
    }
  });
});

describe.each(readAll<ClauseCase>("clauses/"))("%s", (_, cases) => {
  test.each(cases)("$name", ({ when, segments = {}, context, match }) => {
    const flag = {
      key: "f",
      type: "boolean" as const,
      enabled: true,
      variations: [
        { name: "yes", value: true },
        { name: "no", value: false },
      ],
      rules: [{ id: "rule", when, serve: { variation: "yes" } }],
      default: { variation: "no" },
    };
    const detail = evaluate(compile({ ...HEAD, flags: { f: flag }, segments }), "f", context);

    expect(detail.errorCode ?? detail.value).toBe(match);
  });
});
