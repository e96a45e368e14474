"""Why flags serve what they serve: the order of `interpret.serve`, with a step for each part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from pennon.evaluation import plan
from pennon.evaluation.attributes import ABSENT, KEY
from pennon.evaluation.compile import FEATURES
from pennon.evaluation.entries import FlagEntry, Kinds
from pennon.evaluation.explain_conditions import Asked, explain_all
from pennon.evaluation.explain_groups import fault_in, verdict
from pennon.evaluation.explain_segments import SegmentTracer
from pennon.evaluation.explain_serve import explain_serve, lacks
from pennon.evaluation.explain_steps import (
    DefaultStep,
    EnabledStep,
    FaultStep,
    FlagTrace,
    PrerequisiteStep,
    Problem,
    RuleStep,
    Served,
    Step,
    TargetStep,
)
from pennon.evaluation.explain_values import shown
from pennon.evaluation.faults import Malformed, error
from pennon.evaluation.interpret import lists
from pennon.evaluation.plan_flag import plan_flag
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Run
from pennon.model.detail import Detail
from pennon.model.flag import Flag, Prerequisite, Rule, Target


class FlagTracer(Mapping[str, FlagEntry]):
    """
    The flags of one evaluation: each leaves its trace in `traces` when it serves.

    A `Run` finds them here in place of the ruleset's own, so cycles, depth and what is
    remembered are its concern here too.
    """

    def __init__(self, ruleset: Ruleset, segments: SegmentTracer) -> None:
        self._ruleset = ruleset
        self._segments = segments
        self.traces: dict[str, FlagTrace] = {}

    def __getitem__(self, key: str) -> FlagEntry:
        entry = self._ruleset.flags[key]
        return FlagEntry(key, entry.flag, partial(self._serve, entry))

    def __iter__(self) -> Iterator[str]:
        return iter(self._ruleset)

    def __len__(self) -> int:
        return len(self._ruleset)

    def _serve(self, entry: FlagEntry, kinds: Kinds, run: Run | None) -> Detail:
        key, flag = entry.key, entry.flag
        if flag is None or set(flag.needs) - FEATURES:
            detail = entry.serve(kinds, run)
            fault = FaultStep(fault=detail.error_message or "")
            self.traces[key] = FlagTrace(detail=detail, steps=(fault,))
            return detail
        steps: list[Step] = []
        try:
            detail = self._walk(key, flag, kinds, run, steps)
        except Malformed as fault:
            detail = error(key, "PARSE_ERROR", f"Reached {fault}.", flag.version)
            self.traces[key] = FlagTrace(detail=detail, steps=tuple(steps))
            raise
        self.traces[key] = FlagTrace(detail=detail, steps=tuple(steps))
        return detail

    def _walk(
        self, key: str, flag: Flag, kinds: Kinds, run: Run | None, steps: list[Step]
    ) -> Detail:
        resolved = plan_flag(key, flag, self._ruleset.tables)
        steps.append(EnabledStep(holds=resolved.enabled))
        if not resolved.enabled:
            return resolved.off
        if resolved.requires:
            run = run or Run(kinds, key)
            for requirement, required in zip(resolved.requires, flag.requires, strict=True):
                if not self._holds(requirement, required, run, steps):
                    return requirement.failed
        for index, target in enumerate(resolved.targets):
            listed = _explain_target(index, target, flag.targets[index], kinds)
            steps.append(listed)
            if listed.holds:
                return target.served
        asked = Asked(kinds, run, self._segments.contains)
        for index, part in enumerate(resolved.rules):
            detail, step = _explain_rule(index, part, flag.rules[index], asked)
            steps.append(step)
            if step.holds is None:
                raise Malformed(step.fault)
            if detail is not None:
                return detail
        detail, serves = explain_serve(resolved.default, flag.default, kinds)
        steps.append(DefaultStep(serves=serves))
        return detail

    def _holds(
        self, requirement: plan.Requirement, required: Prerequisite, run: Run, steps: list[Step]
    ) -> bool:
        try:
            holds = run.holds(replace(requirement, flags=self))
        except Malformed as fault:
            steps.append(
                PrerequisiteStep(
                    flag=required.flag,
                    wanted=required.is_,
                    problem="malformed",
                    holds=None,
                    fault=str(fault),
                )
            )
            raise
        entry, trace = self._ruleset.flags.get(required.flag), self.traces.get(required.flag)
        problem: Problem | None = None
        if entry is None:
            problem = "missing"
        elif not entry.enabled:
            problem = "malformed" if entry.flag is None else "disabled"
        elif not holds:
            problem = "unlisted"
        steps.append(
            PrerequisiteStep(
                flag=required.flag,
                wanted=required.is_,
                served=None if trace is None else trace.detail.variation,
                problem=problem,
                holds=holds,
                fault=None if trace is None else trace.detail.error_message,
            )
        )
        return holds


def _explain_target(index: int, target: plan.Target, listed: Target, kinds: Kinds) -> TargetStep:
    members = target.members
    return TargetStep(
        index=index,
        kind=members.kind,
        count=len(members.keys),
        key=shown(kinds.get(members.kind, ABSENT).get("key")),
        missing=lacks(kinds, members.kind, KEY),
        holds=lists(members, kinds),
        serves=Served(variation=listed.variation, fault=target.served.error_message),
    )


def _explain_rule(
    index: int, part: plan.Rule, rule: Rule, asked: Asked
) -> tuple[Detail | None, RuleStep]:
    when = explain_all(part.when, rule.when, asked)
    step = partial(
        RuleStep,
        index=index,
        id=rule.id,
        name=rule.name,
        when=when,
        unasked=len(rule.when) - len(when),
    )
    holds = verdict(when)
    if holds is None:
        return None, step(holds=None, fault=fault_in(when))
    if not holds:
        return None, step(holds=False)
    detail, serves = explain_serve(part.outcome, rule.serve, asked.kinds)
    return detail, step(holds=True, serves=serves)
