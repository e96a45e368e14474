"""What a node knows of external members is never older than what it has been told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.model.codec import encode_item
from pennon.model.members import MembersAnswer, MembersDelta, Membership
from pennon.model.messages import Change
from pennon.model.segment import Segment
from pennon.relay.membership import MembershipCache, external_kind
from pennon.relay.replicas import Replicas
from tests.builders.member_store import BETA, MemberStore, an_external
from tests.builders.relay import SHOP, Clock, a_change, a_snapshot, an_epoch

IN, OUT, UNLISTED, UNANSWERED = Membership
KEYS = ("ada", "bob", "cleo", "dora")


class AKnower:
    """The members of *beta* that a node knows, which follows *store* from its first version."""

    def __init__(self, store: MemberStore, *, most: int = 1_000) -> None:
        self.clock, self.replicas = Clock(), Replicas()
        self.cache = MembershipCache(self.replicas, most, 60.0, self.clock)
        self.begin(store.version)

    def begin(self, version: int, *, epoch: int = 1) -> None:
        """Take the whole environment at *version*."""
        items = {("segment", BETA): encode_item(an_external())}
        whole = a_snapshot(version, items, epoch=epoch)  # type: ignore[arg-type]
        self.replicas.open(SHOP).replace(whole)

    def take(self, *changes: Change) -> None:
        """Take changes."""
        for change in changes:
            self.replicas.take(change)

    def hear(self, answer: MembersAnswer, keys: Sequence[str] = KEYS) -> bool:
        """Take an answer."""
        return self.cache.take(answer, keys)

    def knows(self, key: str) -> Membership:
        """Return what it would evaluate with."""
        return self.cache.of(SHOP).find(BETA, key)

    @property
    def version(self) -> int:
        """The version that it stands at."""
        position = self.replicas.open(SHOP).position
        assert position is not None
        return position.version


def a_segment_change(version: int, segment: Segment | None) -> Change:
    """Return a change of *beta* itself."""
    item = None if segment is None else encode_item(segment)
    return a_change(version, BETA, item, kind="segment")


class TestAnswers:
    """What is learnt by asking."""

    def test_each_key_has_an_answer(self) -> None:
        """In, out, and neither: that is remembered too, so that strangers are asked about once."""
        store = MemberStore()
        store.change(["ada"], ["bob"])
        node = AKnower(store)

        assert node.hear(store.answer(KEYS))
        assert [node.knows(key) for key in KEYS] == [IN, OUT, UNLISTED, UNLISTED]
        assert node.knows("eve") is UNANSWERED

    def test_older_than_a_change(self) -> None:
        """An answer from before a change of the members that was taken is not."""
        store = MemberStore()
        node = AKnower(store)
        old = store.answer(KEYS)
        node.take(store.change(["ada"]))

        assert not node.hear(old)
        assert node.knows("ada") is UNANSWERED
        assert node.hear(store.answer(KEYS))

    def test_older_than_the_environment(self) -> None:
        """Nor one from before the whole: what changed up to it was not told."""
        store = MemberStore()
        old = store.answer(KEYS)
        store.change(["ada"])
        node = AKnower(store)

        assert not node.hear(old)

    def test_of_the_last_change(self) -> None:
        """An answer as of the last change of the members is as good as one of now."""
        store = MemberStore()
        node = AKnower(store)
        node.take(store.change(["ada"]))
        answer = store.answer(KEYS)
        node.take(a_change(3, "another"))

        assert node.hear(answer)
        assert node.knows("ada") is IN

    def test_of_another_line(self) -> None:
        """An answer of another epoch says nothing of this one, older or newer."""
        store = MemberStore()
        node = AKnower(store)
        node.begin(1, epoch=2)

        assert not node.hear(store.answer(KEYS))

    def test_not_known_there(self) -> None:
        """What the parent does not know is not taken for unlisted."""
        node = AKnower(MemberStore())
        node.hear(
            MembersAnswer(
                environment=SHOP,
                segment=BETA,
                epoch=an_epoch(),
                generation=0,
                version=1,
                unknown=("bob",),
            )
        )

        assert (node.knows("ada"), node.knows("bob")) == (UNLISTED, UNANSWERED)

    def test_age(self) -> None:
        """After its time a key is asked about again; whoever gets no answer takes the old one."""
        store = MemberStore()
        node = AKnower(store)
        node.hear(store.answer(KEYS))
        node.clock.now = 60.0

        assert node.knows("ada") is UNANSWERED
        assert node.cache.of(SHOP).at_any_age(BETA, "ada") is UNLISTED

    @pytest.mark.parametrize("key", ["", "x" * 1_025, "\0"])
    def test_never_a_member(self, key: str) -> None:
        """What can be no member's key is asked about by nobody."""
        assert AKnower(MemberStore()).knows(key) is UNLISTED

    def test_counts(self) -> None:
        """Hits and misses are counted, so that one evaluation can tell whether all was known."""
        store = MemberStore()
        node = AKnower(store)
        node.hear(store.answer(KEYS))
        members = node.cache.of(SHOP)
        for key in ("ada", "eve", "bob"):
            members.known(BETA, key)

        assert (members.hits, members.misses) == (2, 1)


class TestChanges:
    """What is told without being asked."""

    def test_in_place(self) -> None:
        """A change corrects what is known, and adds nobody that was not asked about."""
        store = MemberStore()
        store.change(["ada", "bob"])
        node = AKnower(store)
        node.hear(store.answer(["ada", "bob"]), ["ada", "bob"])
        node.take(store.change(["cleo"], ["ada"], ["bob"]))

        assert [node.knows(key) for key in KEYS] == [OUT, UNLISTED, UNANSWERED, UNANSWERED]

    def test_that_an_answer_had(self) -> None:
        """A change that an answer was ahead of does not take it back: the key is asked again."""
        store = MemberStore()
        node = AKnower(store)
        first, second = store.change(["ada"]), store.change([], [], ["ada"])
        node.hear(store.answer(KEYS))

        node.take(first)
        assert node.knows("ada") is UNANSWERED
        assert node.knows("bob") is UNLISTED

        node.hear(store.answer(KEYS))
        node.take(second)
        assert node.knows("ada") is not IN

    def test_reset(self) -> None:
        """A change too large to be told has everything asked again."""
        store = MemberStore()
        node = AKnower(store)
        node.hear(store.answer(KEYS))
        node.take(store.change(["ada"], reset=True))

        assert {node.knows(key) for key in KEYS} == {UNANSWERED}

    def test_the_whole(self) -> None:
        """So does a full sync, and an epoch."""
        for epoch in (1, 2):
            store = MemberStore()
            node = AKnower(store)
            node.hear(store.answer(KEYS))
            node.begin(7, epoch=epoch)

            assert node.knows("ada") is UNANSWERED

    @pytest.mark.parametrize(
        "changed",
        [
            pytest.param(None, id="deleted"),
            pytest.param(Segment(key=BETA), id="kept inside"),
            pytest.param(an_external(kind="organization"), id="of another kind"),
        ],
    )
    def test_another_segment(self, changed: Segment | None) -> None:
        """What was known of a segment is not known of another by its name, nor told of it."""
        store = MemberStore()
        node = AKnower(store)
        old = store.answer(KEYS)
        node.hear(old)
        node.take(a_segment_change(2, changed))
        assert not node.hear(old)

        node.take(a_segment_change(3, an_external()))
        assert not node.hear(old)
        assert node.knows("ada") is UNANSWERED

    def test_its_rules(self) -> None:
        """A change of the segment itself leaves its members as they are."""
        store = MemberStore()
        node = AKnower(store)
        node.hear(store.answer(KEYS))
        node.take(a_segment_change(2, an_external()))

        assert node.knows("ada") is UNLISTED

    def test_forgotten(self) -> None:
        """An environment that is followed no longer takes nothing, and begins anew when it is."""
        store = MemberStore()
        node = AKnower(store)
        answer = store.answer(KEYS)
        node.hear(answer)
        node.cache.of(SHOP).known(BETA, "ada")
        node.replicas.keep(frozenset())
        assert not node.hear(answer)
        assert (node.cache.hits, node.cache.misses) == (1, 0)

        node.begin(1)
        assert node.knows("ada") is UNANSWERED

    def test_a_delta_for_both(self) -> None:
        """A key that a change names twice is what was said last: added, excluded, removed."""
        store = MemberStore()
        node = AKnower(store)
        node.hear(store.answer(KEYS))
        delta = MembersDelta(generation=2, added=("ada",), removed=("ada",))
        item = encode_item(an_external())
        node.take(a_change(2, BETA, item, kind="segment", members=delta))

        assert node.knows("ada") is UNLISTED


class TestExternalKind:
    def test_it(self) -> None:
        """A segment says whether it keeps members outside; one that cannot be read keeps none."""
        assert external_kind(encode_item(an_external(kind="device"))) == "device"
        assert external_kind(encode_item(Segment(key=BETA))) is None
        assert external_kind(b'{"external":7}') is None
        assert external_kind(None) is None


ACTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("change"),
            st.sampled_from(KEYS),
            st.sampled_from(["added", "excluded", "removed", "reset"]),
        ),
        st.tuples(st.just("hear"), st.integers(0, 3), st.just("")),
        st.tuples(st.just("take"), st.integers(1, 3), st.just("")),
        st.tuples(st.just("whole"), st.just(0), st.just("")),
    ),
    max_size=40,
)


class TestOrder:
    """Answers and changes arrive by different ways, in any order."""

    @given(ACTIONS)
    def test_never_older_than_a_change(self, actions: list[tuple[str, object, str]]) -> None:
        """
        What a node knows was true at the version that it stands at, or at a later one.

        The members change; a parent, up to three versions behind, answers; changes arrive late,
        or are skipped by a full sync.
        """
        store = MemberStore()
        node = AKnower(store)
        changes: list[Change] = []
        for action, what, how in actions:
            if action == "change":
                told = {"added": (), "excluded": (), "removed": (), how: [what]}
                reset = bool(told.pop("reset", False))
                if reset:
                    told["added"] = [what]
                changes.append(store.change(**told, reset=reset))  # type: ignore[arg-type]
            elif action == "hear":
                assert isinstance(what, int)
                node.hear(store.answer(KEYS, max(1, store.version - what)))
            elif action == "take":
                assert isinstance(what, int)
                node.take(*changes[:what])
                del changes[:what]
            else:
                node.begin(store.version)
                changes.clear()
            for key in KEYS:
                possible = {
                    store.truth(key, version) for version in range(node.version, store.version + 1)
                }
                assert node.knows(key) in possible | {UNANSWERED}

        node.take(*changes)
        node.hear(store.answer(KEYS))
        assert [node.knows(key) for key in KEYS] == [store.truth(key) for key in KEYS]
