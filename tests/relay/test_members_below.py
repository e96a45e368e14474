"""What a connector answers about members: what it knows, and what it had to ask."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import NotReady, SourceLost
from pennon.model.codec import encode_item
from pennon.model.members import MembersAnswer, Membership
from pennon.model.messages import Change
from pennon.relay.node_members import NodeMembers
from pennon.relay.replicas import Replicas
from tests.builders.member_store import BETA, MemberStore, an_external
from tests.builders.relay import SHOP, Clock, a_change, a_position, a_snapshot

KEYS = ("ada", "bob", "cleo")


class AConnector:
    """A node that asks *store*."""

    def __init__(self, store: MemberStore) -> None:
        self.store, self.clock, self.replicas = store, Clock(), Replicas()
        self.members = NodeMembers(self.replicas, store.lookup, clock=self.clock)
        items = {("segment", BETA): encode_item(an_external())}
        self.replicas.open(SHOP).replace(a_snapshot(1, items))  # type: ignore[arg-type]

    async def answers(self, *keys: str) -> MembersAnswer:
        """Answer a node below."""
        return await self.members.below.lookup(SHOP, BETA, keys)


class TestBelow:
    async def test_asked_once(self) -> None:
        """It asks for what it does not know, and answers from what it does."""
        store = MemberStore()
        store.change(["ada"], ["bob"])
        node = AConnector(store)
        first, second = await node.answers("ada", "bob"), await node.answers(*KEYS)

        assert (first.in_, first.out) == (second.in_, second.out) == (("ada",), ("bob",))
        assert [sorted(keys) for keys in store.asked] == [["ada", "bob"], ["cleo"]]

    async def test_as_of(self) -> None:
        """Its answer is as of the version that it holds, whatever the parent's was of."""
        store = MemberStore()
        node = AConnector(store)
        await node.answers(*KEYS)
        node.replicas.take(store.change(["ada"]))
        node.replicas.take(a_change(3))
        answer = await node.answers(*KEYS)

        assert answer.in_ == ("ada",)
        assert (answer.epoch, answer.version) == a_position(3)
        assert answer.generation == 2

    async def test_some_are_unknown(self) -> None:
        """With the parent gone it answers what it knows, and names the rest."""
        store = MemberStore()
        store.change(["ada"])
        node = AConnector(store)
        await node.answers("ada")
        store.fails = SourceLost("gone")
        node.clock.now = 3_600.0
        answer = await node.answers(*KEYS)

        assert (answer.in_, answer.unknown) == (("ada",), ("bob", "cleo"))

    async def test_all_are_unknown(self) -> None:
        """Where it knows nothing it says that it is to be asked again."""
        store = MemberStore()
        store.fails = SourceLost("gone")

        with pytest.raises(NotReady):
            await AConnector(store).answers(*KEYS)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.sampled_from(KEYS), st.sampled_from(Membership)),
        st.tuples(st.just("upper takes"), st.integers(1, 3), st.none()),
        st.tuples(st.just("upper hears"), st.integers(0, 3), st.none()),
        st.tuples(st.just("lower takes"), st.integers(1, 3), st.none()),
        st.tuples(st.just("lower hears"), st.integers(0, 2), st.none()),
        st.tuples(st.just("lower begins"), st.none(), st.none()),
    ),
    max_size=50,
)


class _Level:
    """A node that knows of members by answers and changes, each when a test says so."""

    def __init__(self, store: MemberStore) -> None:
        self.replicas = Replicas()
        self.members = NodeMembers(self.replicas, store.lookup, clock=Clock())
        self.coming: list[Change] = []
        self.begin(1)

    def begin(self, version: int) -> None:
        items = {("segment", BETA): encode_item(an_external())}
        self.replicas.open(SHOP).replace(a_snapshot(version, items))  # type: ignore[arg-type]

    def take(self, count: int) -> list[Change]:
        """Take as many changes and return them."""
        taken, self.coming = self.coming[:count], self.coming[count:]
        for change in taken:
            self.replicas.take(change)
        return taken

    @property
    def version(self) -> int:
        position = self.replicas.open(SHOP).position
        assert position is not None
        return position.version


class TestOrder:
    """Two levels: a connector that knows, and an edge that asks it."""

    @given(ACTIONS)
    def test_never_older_than_a_change(
        self, actions: list[tuple[str, str | int | None, Membership | None]]
    ) -> None:
        """
        What the lower one knows was true at its version or later, whatever the upper answered.

        Answers of the upper may wait on their way while both take changes.
        """
        store = MemberStore()
        upper, lower = _Level(store), _Level(store)
        on_their_way: list[MembersAnswer] = []
        for action, what, membership in actions:
            if action == "change":
                lists = {Membership.IN: 0, Membership.OUT: 1, Membership.UNLISTED: 2}
                told: list[list[str]] = [[], [], []]
                told[lists.get(membership or Membership.IN, 2)].append(str(what))
                upper.coming.append(store.change(*told))
            elif action == "upper takes":
                assert isinstance(what, int)
                lower.coming += upper.take(what)
            elif action == "upper hears":
                assert isinstance(what, int)
                upper.members.cache.take(store.answer(KEYS, max(1, store.version - what)), KEYS)
                with suppress(NotReady):
                    on_their_way.append(upper.members.below.known(SHOP, BETA, KEYS))
            elif action == "lower takes":
                assert isinstance(what, int)
                lower.take(what)
            elif action == "lower hears" and on_their_way:
                assert isinstance(what, int)
                lower.members.cache.take(on_their_way.pop(min(what, len(on_their_way) - 1)), KEYS)
            elif action == "lower begins":
                lower.begin(upper.version)
                lower.coming.clear()
            for key in KEYS:
                known = lower.members.cache.of(SHOP).find(BETA, key)
                possible = {store.truth(key, v) for v in range(lower.version, store.version + 1)}
                assert known in possible | {Membership.UNANSWERED}
