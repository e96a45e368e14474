"""The registry of nodes."""

from __future__ import annotations

from pennon.model.messages import NodeAnnouncement
from pennon.origin.propagation.nodes import Nodes
from tests.builders.relay import Clock


def a_node(node: str = "edge-1", pop: str = "ams", followers: int = 0) -> NodeAnnouncement:
    return NodeAnnouncement(
        node=node, role="edge", software="pennon/1", pop=pop, followers=followers, started_at=1
    )


class TestNodes:
    def test_newest(self) -> None:
        """The newest announcement of a node takes the place of those before."""
        clock = Clock(100.0)
        nodes = Nodes(clock)
        nodes.take(a_node(followers=1))
        clock.now = 130.5
        nodes.take(a_node(followers=2))

        assert list(nodes.after()) == [(130_500, a_node(followers=2))]

    def test_order(self) -> None:
        """Nodes are listed by PoP and name; one name may be in two PoPs."""
        nodes = Nodes(Clock())
        for node, pop in (("b", "fra"), ("b", "ams"), ("a", "fra")):
            nodes.take(a_node(node, pop))

        assert [(one.pop, one.node) for _, one in nodes.after()] == [
            ("ams", "b"),
            ("fra", "a"),
            ("fra", "b"),
        ]

    def test_silent(self) -> None:
        """A node that is silent for more than a day is forgotten."""
        clock = Clock()
        nodes = Nodes(clock)
        nodes.take(a_node("old"))
        clock.now = 24 * 3600
        nodes.take(a_node("new"))
        assert len(list(nodes.after())) == 2

        clock.now += 1

        assert [one.node for _, one in nodes.after()] == ["new"]

    def test_removed(self) -> None:
        """A PoP that is removed is gone with its nodes; a node alone, and no other."""
        nodes = Nodes(Clock())
        for node, pop in (("a", "ams"), ("b", "ams"), ("a", "fra"), ("b", "fra")):
            nodes.take(a_node(node, pop))
        nodes.remove("ams")
        nodes.remove("fra", "b")

        assert [(one.pop, one.node) for _, one in nodes.after()] == [("fra", "a")]
