"""Lookups: a key is asked about once, many travel as one, and nobody waits for nobody."""

from __future__ import annotations

import asyncio

import pytest

from pennon.errors import NotFound, NotReady, PennonError, SourceLost
from pennon.model.codec import encode_item
from pennon.model.members import MOST_KEYS, Membership
from pennon.model.messages import ItemId
from pennon.relay.member_lookups import MOST_BYTES, MemberLookups
from pennon.relay.member_questions import Lookup, MemberQuestions
from pennon.relay.membership import MembershipCache
from pennon.relay.replicas import Replicas
from tests.builders.member_store import BETA, MemberStore, an_external, lookup_in, until
from tests.builders.relay import SHOP, Clock, a_snapshot

IN, OUT, UNLISTED, UNANSWERED = Membership


class AnAsker:
    """A node that asks *store* and others about members; its clock stands still."""

    def __init__(self, *stores: MemberStore, lookup: Lookup | None = None) -> None:
        self.clock, self.replicas = Clock(), Replicas()
        self.cache = MembershipCache(self.replicas, clock=self.clock)
        self.parent = "one"
        self.questions = MemberQuestions(
            lookup or lookup_in(*stores),
            self.cache,
            whom=lambda: self.parent,
            patience=0.05,
            clock=self.clock,
            random=lambda: 1.0,
        )
        self.lookups = MemberLookups(self.questions, gather=0.0)
        items: dict[ItemId, bytes] = {
            ("segment", store.segment): encode_item(an_external(store.segment)) for store in stores
        }
        self.replicas.open(SHOP).replace(a_snapshot(1, items))

    async def learn(self, *keys: str, segment: str = BETA) -> bool:
        """Ask about keys."""
        return await self.lookups.learn(SHOP, [(segment, key) for key in keys])

    def knows(self, key: str, segment: str = BETA) -> Membership:
        """Return what it would evaluate with."""
        return self.cache.of(SHOP).find(segment, key)


class TestGathering:
    async def test_one_question(self) -> None:
        """Those who ask within a moment are answered by one question, each key asked once."""
        store = MemberStore()
        store.change(["ada"])
        node = AnAsker(store)
        learnt = await asyncio.gather(
            node.learn("ada", "bob"), node.learn("ada"), node.learn("cleo")
        )

        assert all(learnt)
        assert [sorted(keys) for keys in store.asked] == [["ada", "bob", "cleo"]]
        assert [node.knows(key) for key in ("ada", "bob", "cleo")] == [IN, UNLISTED, UNLISTED]

    async def test_while_one_is_under_way(self) -> None:
        """What comes while a question is under way is the next; a key that is in it is not."""
        store = MemberStore()
        store.answers.clear()
        node = AnAsker(store)
        first = asyncio.create_task(node.learn("ada"))
        await until(lambda: store.asked)
        others = [asyncio.create_task(node.learn(*keys)) for keys in (["bob", "ada"], ["cleo"])]
        await asyncio.sleep(0)
        store.answers.set()
        await asyncio.gather(first, *others)

        assert [sorted(keys) for keys in store.asked] == [["ada"], ["bob", "cleo"]]

    async def test_segments(self) -> None:
        """What is missing of several segments is asked side by side."""
        one, two = MemberStore(), MemberStore(segment="gold")
        node = AnAsker(one, two)

        assert await node.lookups.learn(SHOP, [(BETA, "ada"), ("gold", "ada")])
        assert (one.asked, two.asked) == ([("ada",)], [("ada",)])

    async def test_large_questions(self) -> None:
        """A question is of at most 1,000 keys, and of no more bytes than a node reads."""
        store = MemberStore()
        node = AnAsker(store)
        await node.learn(*(f"user-{number}" for number in range(MOST_KEYS + 1)))
        many, few = store.asked
        assert (len(many), len(few)) == (MOST_KEYS, 1)

        store.asked.clear()
        await node.learn(*(chr(1) * 1_000 + str(number) for number in range(100)))
        assert len(store.asked) == 2
        assert all(6_000 * len(keys) <= MOST_BYTES for keys in store.asked)

    async def test_given_up(self) -> None:
        """Who gives up while it waits takes nothing from the others, nor from those who follow."""
        store = MemberStore()
        store.answers.clear()
        node = AnAsker(store)
        other = asyncio.create_task(node.learn("ada"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await node.learn("ada", "bob")
        store.answers.set()

        assert await other
        assert node.knows("bob") is UNLISTED

    async def test_too_many(self) -> None:
        """Past a bound nothing more is asked, and it is said at once."""
        store = MemberStore()
        store.answers.clear()
        node = AnAsker(store)
        waiting = asyncio.create_task(node.learn(*(str(number) for number in range(20_000))))
        await asyncio.sleep(0)

        assert not await node.learn("ada")
        assert node.lookups.turned_away == 1

        store.answers.set()
        assert await waiting
        assert node.lookups.waiting == 0


class TestOrder:
    async def test_asked_once_more(self) -> None:
        """An answer that a change has overtaken is asked for once more."""
        store = MemberStore()
        change = store.change(["ada"])
        said = [store.answer(["ada"], 1), store.answer(["ada"])]

        async def lookup(environment: str, segment: str, keys: object) -> object:
            if len(said) == 2:
                node.replicas.take(change)
            return said.pop(0)

        node = AnAsker(store, lookup=lookup)  # type: ignore[arg-type]

        assert await node.learn("ada")
        assert node.knows("ada") is IN
        assert node.questions.outcomes == {"outdated": 1, "answered": 1}

    async def test_a_parent_that_is_behind(self) -> None:
        """A parent that has not got the change yet is not asked for ever."""
        store = MemberStore()
        change = store.change(["ada"])

        async def lookup(environment: str, segment: str, keys: object) -> object:
            return store.answer(["ada"], 1)

        node = AnAsker(store, lookup=lookup)  # type: ignore[arg-type]
        node.replicas.take(change)

        assert not await node.learn("ada")
        assert node.questions.outcomes == {"outdated": 2}


class TestFailure:
    async def test_nobody_waits(self) -> None:
        """Once nobody answered, others are told at once; a look is taken after a pause."""
        store = MemberStore()
        store.fails = SourceLost("away")
        node = AnAsker(store)
        assert not await node.learn("ada")
        assert not await node.learn("bob")
        await asyncio.sleep(0.01)
        assert len(store.asked) == 1

        store.fails = None
        node.clock.now = 1.0
        assert not await node.learn("bob")
        await until(lambda: not node.lookups.waiting)

        assert node.knows("bob") is UNLISTED
        assert await node.learn("cleo")

    async def test_silence(self) -> None:
        """Who says nothing for too long is away as well."""
        store = MemberStore()
        store.answers.clear()
        node = AnAsker(store)

        assert not await node.learn("ada")
        assert node.questions.away

    async def test_another_parent(self) -> None:
        """The parent that is followed instead is asked at once."""
        store = MemberStore()
        store.fails = SourceLost("away")
        node = AnAsker(store)
        await node.learn("ada")
        store.fails, node.parent = None, "two"

        assert await node.learn("ada")

    @pytest.mark.parametrize("error", [NotFound("external segment", BETA), NotReady("not now")])
    async def test_refused(self, error: PennonError) -> None:
        """A parent that cannot say is there: the next question is asked as any other."""
        store = MemberStore()
        store.fails = error
        node = AnAsker(store)
        assert not await node.learn("ada")
        assert not node.questions.away

        store.fails = None
        assert await node.learn("ada")

    async def test_log(self, caplog: pytest.LogCaptureFixture) -> None:
        """The log tells of the first failure, and of the next after an answer; not of each."""
        store = MemberStore()
        node = AnAsker(store)
        for fails in (NotReady("no"), NotReady("no"), None, NotReady("no")):
            store.fails = fails
            await node.learn(str(len(store.asked)))

        told = [record for record in caplog.records if record.message == "members_not_known"]
        assert len(told) == 2

    async def test_a_fault_of_ours(self) -> None:
        """What nobody foresaw is a failure like any other: who asks is never told of it."""

        async def lookup(environment: str, segment: str, keys: object) -> object:
            raise ZeroDivisionError

        node = AnAsker(lookup=lookup)  # type: ignore[arg-type]

        assert not await node.learn("ada")
        assert node.questions.outcomes == {"failed": 1}
