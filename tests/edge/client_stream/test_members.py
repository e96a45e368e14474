"""Streams whose answers hang on who is in an external segment."""

from __future__ import annotations

from typing import Any

from pennon.errors import SourceLost
from pennon.model.flag import Flag
from tests.builders.client_stream import Listener
from tests.builders.edge import AnEdge
from tests.builders.flags import requiring, serving
from tests.builders.member_store import MemberStore, an_external, for_members, lookup_in, until
from tests.edge.client_stream.test_streams import ADA, BOB, OFF, ON, a_page_flag, listening

SLOW = 10_000
"""Milliseconds that no test waits for."""


def a_store(*members: str) -> MemberStore:
    """Return a segment that *members* are in as of the edge's first version."""
    store = MemberStore(0)
    store.change(members)
    return store


def an_edge(store: MemberStore, *flags: Flag, deadline: float = SLOW) -> AnEdge:
    """Return an edge that asks *store*, with a flag for its members."""
    return AnEdge(
        for_members(),
        *flags,
        an_external(),
        lookup=lookup_in(store),
        members_deadline_ms=deadline,
    )


def values(listener: Listener) -> dict[str, Any]:
    return {key: flag.value for key, flag in listener.flags.items()}


class TestFirst:
    async def test_asked(self) -> None:
        """The first thing said is as if it had been known: nothing flickers."""
        edge = an_edge(a_store("ada"))
        ada, bob = listening(edge), listening(edge, BOB)
        await until(lambda: ada.names and bob.names)

        assert (ada.names, bob.names) == (["put"], ["put"])
        assert (values(ada), values(bob)) == ({"new": True}, {"new": False})

    async def test_shared(self) -> None:
        """Streams of one context ask once, and all of them are told."""
        store = a_store("ada")
        edge = an_edge(store)
        all_of_them = [listening(edge) for _ in range(3)]
        await until(lambda: all(listener.names for listener in all_of_them))

        assert store.asked == [("ada",)]
        assert {tuple(listener.names) for listener in all_of_them} == {("put",)}

    async def test_known(self) -> None:
        """Who is known by then is told at once."""
        edge = an_edge(a_store("ada"))
        first = listening(edge)
        await until(lambda: first.names)
        first.leave()

        assert values(listening(edge)) == {"new": True}

    async def test_too_late(self) -> None:
        """Nobody waits for longer than the deadline; what is learnt later is told then."""
        store = a_store("ada")
        store.answers.clear()
        edge = an_edge(store, deadline=1)
        edge.evaluating.client_streams.asking.again = 0.01
        listener = listening(edge)
        await until(lambda: listener.names)
        early = values(listener)
        store.answers.set()
        await until(lambda: len(listener.names) > 1)

        assert (early, values(listener)) == ({"new": False}, {"new": True})
        assert listener.names == ["put", "patch"]

    async def test_nobody_answers(self) -> None:
        """While nobody can tell nobody waits, and nothing is told twice."""
        store = a_store("ada")
        store.fails = SourceLost("gone")
        edge = an_edge(store)
        edge.evaluating.client_streams.asking.again = 0.001
        listener = listening(edge)
        await until(lambda: listener.names)
        for _ in range(50):
            await edge.settle()

        assert (listener.names, values(listener)) == (["put"], {"new": False})

    async def test_left_meanwhile(self) -> None:
        """Who is gone by then is told nothing."""
        store = a_store("ada")
        store.answers.clear()
        edge = an_edge(store)
        listener, other = listening(edge), listening(edge)
        listener.leave()
        store.answers.set()
        await until(lambda: other.names)

        assert listener.names == []


class TestChanges:
    async def test_of_members(self) -> None:
        """Who is put in or taken out is told, and nobody is asked."""
        store = a_store()
        edge = an_edge(store)
        listener = listening(edge)
        await until(lambda: listener.names)
        edge.take(store.change(["ada"]))
        listener.look()
        inside = values(listener)
        edge.take(store.change([], [], ["ada"]))
        listener.look()

        assert (inside, values(listener)) == ({"new": True}, {"new": False})
        assert store.asked == [("ada",)]

    async def test_of_others(self) -> None:
        """Of another's membership a stream hears nothing."""
        store = a_store("ada")
        edge = an_edge(store)
        listener = listening(edge)
        await until(lambda: listener.names)
        edge.take(store.change(["bob"]))
        listener.look()

        assert listener.names == ["put"]

    async def test_of_very_many(self) -> None:
        """After a change too large to be told one by one, what was told stays until it is known."""
        store = a_store("ada")
        edge = an_edge(store, a_page_flag("other"))
        listener = listening(edge)
        await until(lambda: listener.names)
        store.answers.clear()
        edge.take(store.change(["bob"], reset=True))
        edge.change(3, a_page_flag("other", default=serving("on")))
        listener.look()
        meanwhile = values(listener)
        store.answers.set()
        await until(lambda: len(store.asked) == 2)
        for _ in range(20):
            await edge.settle()

        assert meanwhile == values(listener) == {"new": True, "other": True}

    async def test_who_was_among_them(self) -> None:
        """And who did change with it is told once that is known."""
        store = a_store("ada", "bob")
        edge = an_edge(store)
        ada, bob = listening(edge), listening(edge, BOB)
        await until(lambda: ada.names and bob.names)
        store.answers.clear()
        edge.take(store.change([], ["ada"], reset=True))
        ada.look()
        bob.look()
        store.answers.set()
        await until(lambda: len(ada.names) > 1 and not edge.members.lookups.waiting)

        assert (ada.names, values(ada)) == (["put", "patch"], {"new": False})
        assert (bob.names, values(bob)) == (["put"], {"new": True})

    async def test_a_flag_that_comes_to_use_it(self) -> None:
        """A flag that hangs on members from now on is told once they are known."""
        edge = an_edge(a_store("ada"), a_page_flag("f"))
        listener = listening(edge, BOB)
        await until(lambda: listener.names)
        edge.change(2, for_members("f"))
        edge.change(3, a_page_flag("g", requires=(requiring("f"),)))
        listener.look()
        ada = listening(edge, ADA)
        await until(lambda: ada.names)

        assert ada.last()["flags"] == {"new": ON, "f": ON, "g": OFF}
        assert values(listener) == {"new": False, "f": False, "g": False}


class TestComingBack:
    async def test_from_a_node_that_did_not_know(self) -> None:
        """What another node could not know is put right, though no version moved."""
        lost = a_store("ada")
        lost.fails = SourceLost("gone")
        first = listening(an_edge(lost))
        await until(lambda: first.names)
        first.leave()
        edge = an_edge(a_store("ada"))
        first.ask(edge, ADA)
        await until(lambda: len(first.names) > 1)

        assert (first.names, values(first)) == (["put", "patch"], {"new": True})
