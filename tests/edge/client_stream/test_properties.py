"""Whatever happens: a client has what its flags serve it by then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pennon.model.bootstrap import BootstrapFlag
from pennon.model.codec import encode_item
from pennon.model.flag import ClientSide, Flag, Variation
from pennon.model.messages import Change, ItemId, Snapshot
from pennon.model.segment import Segment
from tests.builders.client_stream import Listener, fresh
from tests.builders.edge import AnEdge
from tests.builders.flags import a_flag, a_rule, a_segment, in_segment, members, requiring, serving
from tests.builders.relay import SHOP, a_change, a_snapshot
from tests.evaluation import strategies

CONTEXTS: tuple[Any, ...] = (
    {"targetingKey": "a", "x": "a"},
    {"targetingKey": "b", "x": 1},
    {"kind": "multi", "user": {"key": "abc"}, "org": {"key": "1", "y": "abc"}},
)
Items = dict[tuple[str, str], Flag | Segment]

_seen = st.sampled_from((ClientSide(web=True), ClientSide(web=True), ClientSide()))
_plain = st.builds(
    lambda default, rules, requires: a_flag(
        type="string",
        variations=tuple(Variation(name=name, value=name) for name in strategies.NAMES),
        rules=rules,
        requires=requires,
        default=serving(default),
    ),
    st.sampled_from(strategies.NAMES),
    st.just(()) | st.sampled_from(strategies.KEYS).map(lambda key: (a_rule(in_segment(key)),)),
    st.just(()) | st.sampled_from(strategies.KEYS).map(lambda key: (requiring(key),)),
)


def flags(key: str) -> st.SearchStrategy[Flag]:
    """Return flags of *key*, most of which pages may see, and half of them plain."""
    flag = _plain | strategies.flags(key)
    return st.builds(lambda flag, side: replace(flag, key=key, client_side=side), flag, _seen)


def segments(key: str) -> st.SearchStrategy[Segment]:
    """Return segments of *key*, half of which hold some of the contexts by key."""
    keys = st.lists(st.sampled_from(("a", "b", "abc")), max_size=2)
    plain = keys.map(lambda keys: a_segment(key, include=(members(*keys),)))
    # Of external members nobody knows at once: `test_members` has them.
    inside = strategies.segments(key).map(lambda segment: replace(segment, external=None))
    return plain | inside


items = st.sampled_from(strategies.KEYS).flatmap(
    lambda key: st.one_of(
        st.tuples(st.just(("flag", key)), st.none() | flags(key)),
        st.tuples(st.just(("flag", key)), flags(key)),
        st.tuples(st.just(("segment", key)), st.none() | segments(key)),
    )
)
clients = st.integers(0, len(CONTEXTS))
steps = st.one_of(
    st.tuples(st.just("change"), items),
    st.tuples(st.just("change"), items),
    st.tuples(st.just("whole"), st.none()),
    st.tuples(st.just("tell"), clients),
    st.tuples(st.just("stall"), clients),
    st.tuples(st.just("leave"), clients),
    st.tuples(st.just("move"), st.tuples(clients, st.booleans())),
    st.tuples(st.just("catch up"), st.none()),
)


class Scene:
    """Two nodes, the second of which may lag, and clients that move between them."""

    def __init__(self, held: Items) -> None:
        self.held = dict(held)
        self.version = 1
        self.nodes = (AnEdge(), AnEdge())
        self.missing: list[Change | Snapshot] = []
        for node in self.nodes:
            node.replicas.open(SHOP).replace(self.snapshot())
        # Two of one context, and one of each other.
        self.contexts = (*CONTEXTS, CONTEXTS[0])
        self.clients = [Listener() for _ in self.contexts]
        self.at = [self.nodes[0] for _ in self.contexts]
        for number in range(len(self.contexts)):
            self.move((number, False))

    def snapshot(self) -> Snapshot:
        held: dict[ItemId, bytes] = {
            (kind, key): encode_item(item)  # type: ignore[misc]  # a kind, as text
            for (kind, key), item in self.held.items()
        }
        return a_snapshot(self.version, held, shrink_allowed=True)

    def change(self, change: tuple[tuple[str, str], Flag | Segment | None]) -> None:
        (kind, key), item = change
        self.version += 1
        if item is None:
            self.held.pop((kind, key), None)
        else:
            self.held[kind, key] = item
        data = None if item is None else encode_item(item)
        self.say(a_change(self.version, key, data, kind=kind))  # type: ignore[arg-type]

    def whole(self, _: None) -> None:
        """Have everything come at once, after changes that nobody saw."""
        self.version += 3
        self.say(self.snapshot())

    def say(self, news: Change | Snapshot) -> None:
        give(self.nodes[0], news)
        self.missing.append(news)

    def catch_up(self, _: None) -> None:
        for news in self.missing:
            give(self.nodes[1], news)
        self.missing = []

    def tell(self, number: int) -> None:
        client = self.clients[number]
        client.eager = True
        client.resume()

    def stall(self, number: int) -> None:
        self.clients[number].eager = False
        self.clients[number].look()

    def leave(self, number: int) -> None:
        self.clients[number].leave()

    def move(self, to: tuple[int, bool]) -> None:
        number, second = to
        self.clients[number].leave()
        self.clients[number].eager = True
        self.at[number] = self.nodes[second]
        self.clients[number].ask(self.at[number], self.contexts[number])

    def settled(self) -> list[tuple[dict[str, BootstrapFlag], dict[str, BootstrapFlag]]]:
        """Have all told, and return what each client has, beside what it is to have."""
        self.catch_up(None)
        for number, client in enumerate(self.clients):
            if client.feed is None:
                self.move((number, self.at[number] is self.nodes[1]))
            self.tell(number)
        return [
            (client.flags, fresh(node, context))
            for client, node, context in zip(self.clients, self.at, self.contexts, strict=True)
        ]


def give(node: AnEdge, news: Change | Snapshot) -> None:
    replica = node.replicas.open(SHOP)
    if isinstance(news, Change):
        replica.apply(news)
    else:
        replica.replace(news)


class TestClients:
    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(items, max_size=6),
        st.lists(steps, max_size=20),
    )
    async def test_have_what_their_flags_serve(
        self,
        first: Sequence[tuple[tuple[str, str], Flag | Segment | None]],
        then: Sequence[tuple[str, Any]],
    ) -> None:
        """Through changes, stalls, returns and nodes that lag."""
        scene = Scene({name: item for name, item in first if item is not None})
        doing: dict[str, Callable[[Any], None]] = {
            "change": scene.change,
            "whole": scene.whole,
            "tell": scene.tell,
            "stall": scene.stall,
            "leave": scene.leave,
            "move": scene.move,
            "catch up": scene.catch_up,
        }
        for name, what in then:
            doing[name](what)

        for has, due in scene.settled():
            assert has == due
