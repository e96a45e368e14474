"""
Groups of conditions while they are told: `any`, `all`, `not`, and what they come to.

They are told from a list and not by recursion: a chain of segments, each with groups as deep as
groups may be, must fit on the stack of whoever asks.
"""

from __future__ import annotations

from pennon.evaluation import plan
from pennon.evaluation.explain_steps import (
    AllNode,
    AnyNode,
    ConditionNode,
    MalformedNode,
    NotNode,
    SegmentNode,
)
from pennon.model.flag import Condition

GroupPlan = plan.AnyOf | plan.AllOf | plan.Not


class Group:
    """The plan of a group, and the nodes of those of its conditions that were told by now."""

    def __init__(
        self,
        resolved: GroupPlan,
        parts: tuple[plan.Condition, ...],
        conditions: tuple[Condition, ...],
    ) -> None:
        self.nodes: list[ConditionNode] = []
        self._plan = resolved
        self._settled = isinstance(resolved, plan.AnyOf)
        self._waiting = zip(parts, conditions, strict=True)

    @classmethod
    def of(cls, resolved: GroupPlan, condition: Condition) -> Group:
        """Return the group that *condition* is; *resolved* is its plan."""
        match resolved:
            case plan.AnyOf(parts):
                return cls(resolved, parts, condition.any_ or ())
            case plan.AllOf(parts):
                return cls(resolved, parts, condition.all_ or ())
            case plan.Not(part):
                return cls(resolved, (part,), (condition.not_ or condition,))

    def following(self) -> tuple[plan.Condition, Condition] | None:
        """Return the condition to tell next, its plan first; None when the group is settled."""
        if self.nodes and self.nodes[-1].holds in (self._settled, None):
            return None
        return next(self._waiting, None)

    def node(self) -> ConditionNode:
        """Return the group, told."""
        nodes = tuple(self.nodes)
        match self._plan:
            case plan.AnyOf(parts):
                holds = verdict(nodes, empty=False)
                return AnyNode(parts=nodes, unasked=len(parts) - len(nodes), holds=holds)
            case plan.AllOf(parts):
                return AllNode(parts=nodes, unasked=len(parts) - len(nodes), holds=verdict(nodes))
            case plan.Not():
                (node,) = nodes
                return NotNode(part=node, holds=None if node.holds is None else not node.holds)


def verdict(nodes: tuple[ConditionNode, ...], *, empty: bool = True) -> bool | None:
    """Return what conditions come to: the last one asked settled it; *empty* if there are none."""
    return nodes[-1].holds if nodes else empty


def fault_in(nodes: tuple[ConditionNode, ...]) -> str:
    """Return the fault that a verdict of None comes from."""
    while True:
        match nodes[-1]:
            case MalformedNode(fault=fault) | SegmentNode(fault=str(fault)):
                return fault
            case AnyNode(parts=parts) | AllNode(parts=parts):
                nodes = parts
            case NotNode(part=part):
                nodes = (part,)
            case _:
                raise AssertionError("a verdict of None without a fault")
