/** Small valid flags, segments and rulesets for tests to vary. */
import {
  compile,
  type Datafile,
  type Flag,
  type Rule,
  type Ruleset,
  type Segment,
} from "@pennon/evaluator";

/** Return an enabled boolean flag that serves `off`, its second variation. */
export function aFlag(changes: Partial<Flag> = {}): Flag {
  return {
    key: "f",
    type: "boolean",
    version: 7,
    enabled: true,
    variations: [
      { name: "on", value: true },
      { name: "off", value: false },
    ],
    off: "off",
    default: { variation: "off" },
    salt: "salt",
    ...changes,
  };
}

/** Return a rule that serves `on` to those whose `plan` is `pro`. */
export function aRule(changes: Partial<Rule> = {}): Rule {
  return {
    id: "r",
    when: [{ attribute: "plan", op: "in", values: ["pro"] }],
    serve: { variation: "on" },
    ...changes,
  };
}

export function aSegment(changes: Partial<Segment> = {}): Segment {
  return { key: "s", version: 3, salt: "seg", ...changes };
}

export function aDatafile(flags: readonly Flag[], segments: readonly Segment[] = []): Datafile {
  return {
    environment: "shop/test",
    epoch: "0000000000000-00000000",
    version: 7,
    digest: "",
    flags: Object.fromEntries(flags.map(flag => [flag.key, flag])),
    segments: Object.fromEntries(segments.map(segment => [segment.key, segment])),
  };
}

export function aRuleset(flags: readonly Flag[], segments: readonly Segment[] = []): Ruleset {
  return compile(aDatafile(flags, segments));
}
