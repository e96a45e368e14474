/**
 * Evaluates what another program asks, so that two evaluators can be compared.
 *
 * Each line on stdin is `{"datafile": …, "flag": …, "context": …, "memberships"?: …}`; each line on
 * stdout is the detail. A line without `datafile` uses the one before.
 */
import { createInterface } from "node:readline";
import { loadEvaluator } from "./load.mjs";

const { compile, evaluate } = await loadEvaluator();

let ruleset = compile({
  environment: "",
  epoch: "",
  version: 0,
  digest: "",
  flags: {},
  segments: {},
});
for await (const line of createInterface({ input: process.stdin })) {
  const { datafile, flag, context, memberships } = JSON.parse(line);
  if (datafile !== undefined) ruleset = compile(datafile);
  const detail = evaluate(ruleset, flag, context, (segment, key) => memberships?.[segment]?.[key]);
  process.stdout.write(`${JSON.stringify(detail)}\n`);
}
