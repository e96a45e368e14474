"""
Resolves a flag: makes every answer that it can give, once, when it is loaded.

A name that cannot be resolved becomes an answer that is an error, so that what evaluation never
reaches is never a fault.
"""

from __future__ import annotations

from typing import Any

from pennon.evaluation import plan
from pennon.evaluation.attributes import KEY, parse_reference
from pennon.evaluation.bucketing import NOTHING, choose, prefix_of, thresholds
from pennon.evaluation.entries import Tables
from pennon.evaluation.faults import error
from pennon.evaluation.plan_conditions import plan_conditions
from pennon.model.detail import Detail, Reason
from pennon.model.flag import Flag, Rule, Serve, WeightedVariation


def plan_flag(key: str, flag: Flag, tables: Tables) -> plan.FlagPlan:
    """Resolve *flag*, which stands under *key* and finds others in *tables*."""
    answers = _Answers(key, flag)
    return plan.FlagPlan(
        key=key,
        enabled=flag.enabled,
        off=answers.off("OFF"),
        requires=tuple(
            plan.Requirement(
                required.flag,
                tables.flags,
                frozenset(required.is_),
                answers.off("PREREQUISITE_FAILED", prerequisite=required.flag),
            )
            for required in flag.requires
        ),
        targets=tuple(
            plan.Target(
                plan.Keys(target.kind, frozenset(target.keys)),
                answers.variation(target.variation, "TARGET_MATCH"),
            )
            for target in flag.targets
        ),
        rules=tuple(
            _plan_rule(rule, index, answers, tables) for index, rule in enumerate(flag.rules)
        ),
        default=_plan_serve(flag.default, answers, "FALLTHROUGH"),
    )


def _plan_rule(rule: Rule, index: int, answers: _Answers, tables: Tables) -> plan.Rule:
    return plan.Rule(
        plan_conditions(rule.when, tables),
        _plan_serve(rule.serve, answers, "RULE_MATCH", rule_id=rule.id, rule_index=index),
    )


def _plan_serve(serve: Serve, answers: _Answers, reason: Reason, **why: Any) -> plan.Outcome:
    if serve.variation is not None and serve.split is None:
        return answers.variation(serve.variation, reason, **why)
    if serve.variation is not None or not serve.split:
        return answers.malformed("an outcome that is neither one variation nor a split")
    # An experiment counts units, so it always buckets by their key.
    reference = KEY if serve.experiment is not None else parse_reference(serve.by)
    if reference is None:
        return answers.malformed(f"a split by the attribute {serve.by!r}")

    def served(entry: WeightedVariation, has_kind: bool) -> Detail:
        counted = has_kind and serve.experiment is not None and not entry.untracked
        return answers.variation(entry.variation, reason, split=True, in_experiment=counted, **why)

    bounds = thresholds(entry.weight for entry in serve.split)
    return plan.Split(
        kind=serve.kind,
        reference=reference,
        prefix=prefix_of(answers.flag.key, answers.flag.salt, serve.seed),
        bounds=bounds,
        served=tuple(served(entry, True) for entry in serve.split),
        without_kind=served(serve.split[choose(bounds, NOTHING)], False),
        without_key=answers.keyless(serve.kind) if reference == KEY else None,
    )


class _Answers:
    """The answers of one flag, which are those of the key that is asked for."""

    def __init__(self, key: str, flag: Flag) -> None:
        self.key = key
        self.flag = flag
        self._index = {
            variation.name: index for index, variation in reversed([*enumerate(flag.variations)])
        }

    def variation(self, name: str, reason: Reason, **why: Any) -> Detail:
        index = self._index.get(name)
        if index is None:
            return self.malformed(f"the variation {name!r}, which does not exist")
        value = self.flag.variations[index].value
        return Detail(
            flag=self.key,
            variation=name,
            index=index,
            value=value,
            reason=reason,
            version=self.flag.version,
            **why,
        )

    def off(self, reason: Reason, **why: Any) -> Detail:
        if self.flag.off is not None:
            return self.variation(self.flag.off, reason, **why)
        return Detail(flag=self.key, reason=reason, version=self.flag.version, **why)

    def malformed(self, what: str) -> Detail:
        return error(self.key, "PARSE_ERROR", f"Reached {what}.", self.flag.version)

    def keyless(self, kind: str) -> Detail:
        message = f"The split needs a key that is not empty for the kind {kind!r}."
        return error(self.key, "TARGETING_KEY_MISSING", message, self.flag.version)
