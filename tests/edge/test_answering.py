"""Evaluations that reach external segments: at once, after asking, or marked."""

from __future__ import annotations

import asyncio
from typing import Any

from pennon.edge.answering import Answer
from pennon.edge.bootstrap import BOOTSTRAP_PATH
from pennon.errors import SourceLost
from pennon.model.context import Context
from pennon.web.handler import Request
from tests.builders.edge import CLIENT, SERVER, AnEdge, flags_of
from tests.builders.flags import a_flag, a_rule, in_segment, requiring
from tests.builders.member_store import (
    BETA,
    MemberStore,
    an_external,
    for_members,
    lookup_in,
    until,
)
from tests.builders.web import Answered

ADA, BOB = {"targetingKey": "ada"}, {"targetingKey": "bob"}
AS_SERVER = {"authorization": f"Bearer {SERVER}"}
UNKNOWN = "pennon.membershipUnknown"


def an_edge(*stores: MemberStore, flags: tuple[Any, ...] = (for_members(),), **more: Any) -> AnEdge:
    """Return an edge below *stores*, whose segments are external, with *flags*."""
    segments = (an_external(store.segment) for store in stores)
    return AnEdge(*flags, *segments, lookup=lookup_in(*stores), **more)


def a_store(*members: str, segment: str = BETA) -> MemberStore:
    """Return a segment that *members* are in as of the edge's first version."""
    store = MemberStore(0, segment)
    store.change(members)
    return store


def is_marked(answer: dict[str, Any]) -> bool:
    """Return whether an answer says that it lacks a membership."""
    marked: bool = answer["metadata"].get(UNKNOWN, False)
    return marked


async def bootstrap(edge: AnEdge, context: object, **headers: str) -> Answered:
    """Ask for a page's flags."""
    return await edge.post(BOOTSTRAP_PATH, {"context": context}, key=CLIENT, **headers)


class TestOne:
    async def test_asked(self) -> None:
        """Whoever is not known is asked about, and the answer is as if it had been known."""
        edge = an_edge(a_store("ada"))
        member, stranger = await edge.one("new", ADA), await edge.one("new", BOB)

        assert (member.json()["value"], stranger.json()["value"]) == (True, False)
        assert not is_marked(member.json())
        assert not is_marked(stranger.json())

    async def test_known(self) -> None:
        """Then it is answered without waiting, members and strangers alike."""
        store = a_store("ada")
        edge = an_edge(store)
        for context in (ADA, BOB, ADA, BOB):
            await edge.one("new", context)
        evaluating = edge.evaluating
        scope = evaluating.scopes.of(Request(method="POST", path="/", headers=AS_SERVER))
        answer = evaluating.answering.one(scope, "new", Context.of(ADA))

        assert isinstance(answer, Answer)
        assert store.asked == [("ada",), ("bob",)]

    async def test_not_reached(self) -> None:
        """A flag that reaches no external segment asks nobody, members known or not."""
        store = a_store()
        edge = an_edge(store, flags=(a_flag("plain"), for_members()))

        assert (await edge.one("plain", ADA)).status == 200
        assert store.asked == []

    async def test_changed(self) -> None:
        """A change is in the next answer, and nobody is asked."""
        store = a_store("ada")
        edge = an_edge(store)
        await edge.one("new", ADA)
        edge.take(store.change(["bob"], ["ada"]))

        assert (await edge.one("new", ADA)).json()["value"] is False
        assert len(store.asked) == 1

    async def test_excluded(self) -> None:
        """Who is excluded by name is out, whatever the rules say; others are up to the rules."""
        store = MemberStore(0)
        store.change([], ["ada"])
        edge = an_edge(store)

        assert (await edge.one("new", ADA)).json()["value"] is False


class TestUnknown:
    """What is not known in time is not a member, and says so."""

    async def test_deadline(self) -> None:
        """An answer waits no longer than its deadline; who asks later profits from the question."""
        store = a_store("ada")
        store.answers.clear()
        edge = an_edge(store, members_deadline_ms=10)
        late = (await edge.one("new", ADA)).json()
        store.answers.set()
        await until(lambda: not edge.members.lookups.waiting)

        assert (late["value"], is_marked(late)) == (False, True)
        assert (await edge.one("new", ADA)).json()["value"] is True
        assert edge.evaluating.answering.late == 1

    async def test_nobody_to_ask(self) -> None:
        """With the parent gone, who is known stays known, and others are marked at once."""
        store = a_store("ada")
        edge = an_edge(store, members_deadline_ms=60_000)
        await edge.one("new", ADA)
        store.fails = SourceLost("gone")
        stranger = (await edge.one("new", BOB)).json()

        assert (await edge.one("new", ADA)).json()["value"] is True
        assert (stranger["value"], is_marked(stranger)) == (False, True)

    async def test_aged(self) -> None:
        """Nor does age make anybody unknown, where there is nobody to ask."""
        store = a_store("ada")
        edge = an_edge(store, members_deadline_ms=60_000)
        await edge.one("new", ADA)
        edge.clock.now = 3_600.0
        store.fails = SourceLost("gone")
        answer = (await edge.one("new", ADA)).json()

        assert (answer["value"], is_marked(answer)) == (True, False)
        assert len(store.asked) == 2

    async def test_bad_keys(self) -> None:
        """A key that nobody can have is no member, which is known without asking."""
        store = a_store()
        edge = an_edge(store)
        long = (await edge.one("new", {"targetingKey": "x" * 2_000})).json()

        assert (long["value"], is_marked(long)) == (False, False)
        assert store.asked == []


class TestAll:
    async def test_one_question(self) -> None:
        """All that flags lack of a segment is asked at once."""
        one, two = a_store("ada"), a_store(segment="gold")
        flags = (for_members("a"), for_members("b"), for_members("c", "gold"))
        answers = flags_of(await an_edge(one, two, flags=flags).all(ADA))

        assert [answer["value"] for answer in answers.values()] == [True, True, False]
        assert (one.asked, two.asked) == ([("ada",)], [("ada",)])

    async def test_prerequisites(self) -> None:
        """What an answer leads to is asked in the next round."""
        one, two = a_store("ada"), a_store("ada", segment="gold")
        flags = (
            for_members("first"),
            for_members("second", "gold", requires=(requiring("first", "on"),)),
        )
        edge = an_edge(one, two, flags=flags)

        assert (await edge.one("second", ADA)).json()["value"] is True
        assert (await edge.one("second", BOB)).json()["value"] is False
        assert [sorted(keys) for keys in two.asked] == [["ada"]]

    async def test_kinds(self) -> None:
        """Each segment asks for the key of its own kind."""
        users, companies = a_store("ada"), a_store("acme", segment="gold")
        both = a_flag("both", rules=(a_rule(in_segment(BETA), in_segment("gold")),))
        edge = AnEdge(
            both,
            an_external(),
            an_external("gold", kind="company"),
            lookup=lookup_in(users, companies),
        )
        context = {"kind": "multi", "user": {"key": "ada"}, "company": {"key": "acme"}}

        assert (await edge.one("both", context)).json()["value"] is True
        assert companies.asked == [("acme",)]

    async def test_tag(self) -> None:
        """A complete answer has a tag that holds until the members change."""
        store = a_store("ada")
        edge = an_edge(store)
        answer = await edge.all(ADA)
        tag = {"if-none-match": answer.headers["etag"]}
        assert (await edge.all(ADA, **tag)).status == 304

        edge.take(store.change([], [], ["ada"]))
        assert flags_of(await edge.all(ADA, **tag))["new"]["value"] is False

    async def test_no_tag(self) -> None:
        """An answer that lacks a membership has none: nobody is to be told that it still holds."""
        store = a_store("ada")
        store.fails = SourceLost("gone")
        answer = await an_edge(store).all(ADA)

        assert is_marked(flags_of(answer)["new"])
        assert "etag" not in answer.headers

    async def test_a_change_while_it_waits(self) -> None:
        """An answer that waited is of the version by then, and says so."""
        store = a_store("ada")
        store.answers.clear()
        edge = an_edge(store, members_deadline_ms=60_000)
        waiting = asyncio.create_task(edge.all(ADA))
        await until(lambda: store.asked)
        edge.change(2, for_members(enabled=False))
        store.answers.set()
        answer = await waiting

        assert flags_of(answer)["new"]["reason"] == "DISABLED"
        assert answer.headers["x-pennon-version"].endswith(".2")
        assert (await edge.all(ADA, **{"if-none-match": answer.headers["etag"]})).status == 304


class TestBootstrap:
    async def test_asked(self) -> None:
        """A page's flags know who is a member as well."""
        edge = an_edge(a_store("ada"))
        answer = await bootstrap(edge, ADA)

        assert answer.json()["flags"]["new"]["value"] is True
        assert (
            await bootstrap(edge, ADA, **{"if-none-match": answer.headers["etag"]})
        ).status == 304

    async def test_no_tag(self) -> None:
        """What lacks a membership is not to be kept."""
        store = a_store("ada")
        store.fails = SourceLost("gone")
        answer = await bootstrap(an_edge(store), ADA)

        assert answer.json()["flags"]["new"]["value"] is False
        assert "etag" not in answer.headers
