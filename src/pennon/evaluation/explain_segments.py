"""Why segments contain a context or do not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pennon.evaluation import plan
from pennon.evaluation.attributes import ABSENT
from pennon.evaluation.entries import NOBODY, Kinds, Tables
from pennon.evaluation.explain_conditions import Asked, explain_all
from pennon.evaluation.explain_groups import fault_in, verdict
from pennon.evaluation.explain_serve import explain_share
from pennon.evaluation.explain_steps import SegmentRuleStep, SegmentTrace
from pennon.evaluation.explain_values import shown
from pennon.evaluation.faults import Malformed
from pennon.evaluation.interpret import external_member, in_share, lists
from pennon.evaluation.plan_segment import plan_segment, uses_segments
from pennon.evaluation.run import Memberships, Run
from pennon.model.members import Membership
from pennon.model.segment import Segment, SegmentRule


class SegmentTracer:
    """Answers for the segments of one evaluation, and leaves a trace of each in `traces`."""

    def __init__(self, tables: Tables, memberships: Memberships | None) -> None:
        self._tables = tables
        self._memberships = memberships
        self._known: dict[str, Membership] = {}
        self._plans: dict[str, plan.SegmentPlan] = {}
        self.traces: dict[str, SegmentTrace] = {}

    def membership(self, segment: str, key: str) -> Membership:
        """Answer for an external segment, as a `Run` asks, and remember what was said."""
        assert self._memberships is not None
        known = self._known[segment] = self._memberships(segment, key)
        return known

    def contains(self, key: str, kinds: Kinds, run: Run | None) -> bool:
        """Return whether the segment *key* contains the context. Raises Malformed."""
        entry = self._tables.segments.get(key)
        if entry is None or entry is NOBODY:
            self.traces[key] = SegmentTrace(holds=False, by="missing")
            return False
        try:
            if run is not None:
                run.reach(entry)
            if entry.segment is None:
                return entry.contains(kinds, run)
            resolved = self._plans.get(key)
            if resolved is None:
                resolved = self._plans[key] = plan_segment(entry.segment, self._tables)
            contains = partial(self._leave_trace, key, entry.segment, resolved)
            if not uses_segments(resolved):
                return contains(kinds, run)
            # As compiled segments have it: a `Run` stands watch over one that uses others.
            return (run or Run(kinds)).contains(key, contains)
        except Malformed as fault:
            # What is inside of itself, or stands too deep, ended before it could leave a trace.
            self.traces.setdefault(key, SegmentTrace(holds=None, by=None, fault=str(fault)))
            raise

    def _leave_trace(
        self, key: str, segment: Segment, resolved: plan.SegmentPlan, kinds: Kinds, run: Run | None
    ) -> bool:
        trace = self.traces[key] = self._explain(segment, resolved, kinds, run)
        if trace.holds is None:
            raise Malformed(trace.fault)
        return trace.holds

    def _explain(
        self, segment: Segment, resolved: plan.SegmentPlan, kinds: Kinds, run: Run | None
    ) -> SegmentTrace:
        decided: Callable[..., SegmentTrace] = SegmentTrace
        if resolved.external is not None:
            member = external_member(resolved.key, resolved.external, kinds, run)
            decided = partial(decided, membership=self._known.get(resolved.key))
            if member is not None:
                return decided(holds=member, by="external", **_key(resolved.external, kinds))
        for by, members in (("include", resolved.include), ("exclude", resolved.exclude)):
            for keys in members:
                if lists(keys, kinds):
                    return decided(holds=by == "include", by=by, **_key(keys.kind, kinds))
        asked = Asked(kinds, run, self.contains)
        steps: list[SegmentRuleStep] = []
        for index, part in enumerate(resolved.rules):
            steps.append(_explain_rule(index, part, segment.rules[index], asked))
            if steps[-1].holds is None:
                return decided(holds=None, by=None, rules=tuple(steps), fault=steps[-1].fault)
            if steps[-1].holds:
                return decided(holds=True, by="rules", rules=tuple(steps))
        return decided(holds=False, by="rules", rules=tuple(steps))


def _explain_rule(
    index: int, part: plan.SegmentRule, rule: SegmentRule, asked: Asked
) -> SegmentRuleStep:
    when = explain_all(part.when, rule.when, asked)
    step = partial(
        SegmentRuleStep, index=index, id=rule.id, when=when, unasked=len(rule.when) - len(when)
    )
    holds = verdict(when)
    if holds is None:
        return step(holds=None, fault=fault_in(when))
    if not holds or part.share is None:
        return step(holds=holds)
    if isinstance(part.share, plan.Unresolved):
        return step(holds=None, fault=part.share.message)
    return step(
        holds=in_share(part.share, asked.kinds),
        share=explain_share(part.share, rule, asked.kinds),
    )


def _key(kind: str, kinds: Kinds) -> dict[str, Any]:
    return {"kind": kind, "key": shown(kinds.get(kind, ABSENT).get("key"))}
