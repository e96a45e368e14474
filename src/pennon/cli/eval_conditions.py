"""Conditions and segments of an explanation as lines of a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pennon.cli.eval_words import (
    Line,
    bucket_phrase,
    found_phrase,
    key_phrase,
    mark_of,
    percent,
)
from pennon.cli.phrases import condition_phrase
from pennon.evaluation.explain_steps import (
    AllNode,
    AnyNode,
    ClauseNode,
    ConditionNode,
    MalformedNode,
    NotNode,
    SegmentNode,
    SegmentRuleStep,
    SegmentTrace,
)
from pennon.model.members import Membership

_DEEPEST = 16
"""How far lines are indented; what is deeper is left to `--json`."""

_MEMBERSHIPS = {
    Membership.IN: "listed as a member, outside the datafile",
    Membership.OUT: "listed as no member, outside the datafile",
    Membership.UNLISTED: "not listed, outside the datafile",
    Membership.UNANSWERED: "whether it is listed is not known here",
}


class ConditionLines:
    """Draws conditions; a segment is unfolded where it is named first."""

    def __init__(self, segments: Mapping[str, SegmentTrace]) -> None:
        self._segments = segments
        self._unfolded: set[str] = set()

    def of(self, nodes: Iterable[ConditionNode], unasked: int, depth: int) -> Iterator[Line]:
        """Yield the lines of *nodes*, and how many conditions were not asked."""
        if depth > _DEEPEST:
            yield Line(depth, "·", "and deeper: --json has it all")
            return
        for node in nodes:
            yield from self._condition(node, depth)
        if unasked:
            more = "more condition was" if unasked == 1 else "more conditions were"
            yield Line(depth, "·", f"{unasked} {more} not asked")

    def _condition(self, node: ConditionNode, depth: int) -> Iterator[Line]:
        mark = mark_of(node.holds)
        match node:
            case ClauseNode():
                yield Line(depth, mark, condition_phrase(node.clause), found_phrase(node))
                for fault in node.faults:
                    yield Line(depth + 1, "!", fault)
            case SegmentNode():
                negated = "not " if node.negate else ""
                yield Line(depth, mark, f"{negated}in segment {node.segment}", node.fault or "")
                yield from self._segment(node.segment, depth + 1)
            case AnyNode(parts=parts):
                yield Line(depth, mark, "any of" if parts else "any of nothing")
                yield from self.of(parts, node.unasked, depth + 1)
            case AllNode(parts=parts):
                yield Line(depth, mark, "all of" if parts else "all of nothing")
                yield from self.of(parts, node.unasked, depth + 1)
            case NotNode(part=part):
                yield Line(depth, mark, "not")
                yield from self.of([part], 0, depth + 1)
            case MalformedNode(fault=fault):
                yield Line(depth, mark, fault)

    def _segment(self, key: str, depth: int) -> Iterator[Line]:
        trace = self._segments.get(key)
        if trace is None:
            return
        if key in self._unfolded:
            yield Line(depth, "·", "as above")
            return
        self._unfolded.add(key)
        if trace.membership is not None:
            yield Line(depth, "·", _MEMBERSHIPS[trace.membership])
        match trace.by:
            case "missing":
                yield Line(depth, "·", "there is no such segment, so nobody is in it")
            case "external" if trace.membership is None:
                yield Line(depth, "·", f"the context has no {trace.kind} with a key")
            case "include" | "exclude":
                listed = f"{trace.by}d by key"
                yield Line(depth, "·", f"{key_phrase(trace.kind or '', trace.key, None)}, {listed}")
            case "rules" if not trace.rules:
                yield Line(depth, "·", "not listed, and it has no rules")
        for rule in trace.rules:
            yield from self._rule(rule, depth)

    def _rule(self, rule: SegmentRuleStep, depth: int) -> Iterator[Line]:
        everyone = "" if rule.when else "everyone"
        yield Line(depth, mark_of(rule.holds), f"rule {rule.index + 1}, {rule.id}", everyone)
        yield from self.of(rule.when, rule.unasked, depth + 1)
        if rule.share is not None:
            words = f"the share of {percent(rule.share.high)} by {rule.share.by}"
            yield Line(depth + 1, mark_of(rule.holds), words, bucket_phrase(rule.share))
        elif rule.fault and not any(node.holds is None for node in rule.when):
            yield Line(depth + 1, "!", rule.fault)
