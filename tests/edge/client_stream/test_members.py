"""What a client is told whose flags hang on external segments."""

from __future__ import annotations

from typing import Any

from pennon.errors import SourceLost
from tests.builders.client_stream import Listener
from tests.builders.edge import AnEdge
from tests.builders.member_store import MemberStore, an_external, for_members, lookup_in, until
from tests.builders.relay import SHOP

ADA, BOB = {"targetingKey": "ada"}, {"targetingKey": "bob"}
ON = {"value": True, "variation": 0}
OFF = {"value": False, "variation": 1}


def an_edge(store: MemberStore) -> AnEdge:
    """Return an edge below *store* with a flag for its members."""
    return AnEdge(for_members(), an_external(), lookup=lookup_in(store), members_deadline_ms=30_000)


def a_store(*members: str) -> MemberStore:
    """Return a segment that *members* are in as of the edge's first version."""
    store = MemberStore(0)
    store.change(members)
    return store


async def listening(edge: AnEdge, context: Any = ADA) -> Listener:
    """Return a client that holds its stream."""
    listener = Listener()
    assert (await listener.wait(edge, context)).status == 200
    return listener


class TestMembers:
    async def test_asked(self) -> None:
        """A stream opens once it is known who is a member, and begins with that."""
        store = a_store("ada")
        edge = an_edge(store)
        ada, bob = await listening(edge), await listening(edge, BOB)
        again = Listener()
        again.ask(edge, ADA)

        assert [each.last()["flags"]["new"] for each in (ada, bob, again)] == [ON, OFF, ON]
        assert store.asked == [("ada",), ("bob",)]

    async def test_changed(self) -> None:
        """A change is told to those whom it is about, and to nobody else."""
        store = a_store("ada")
        edge = an_edge(store)
        ada, bob = await listening(edge), await listening(edge, BOB)
        edge.take(store.change([], [], ["ada"]))
        ada.look()
        bob.look()

        assert (ada.names, bob.names) == (["put", "patch"], ["put"])
        assert ada.last()["flags"] == {"new": OFF}

    async def test_reset(self) -> None:
        """While a large change has to be asked about, a client keeps what it was told."""
        store = a_store("ada", "bob")
        edge = an_edge(store)
        ada, bob = await listening(edge), await listening(edge, BOB)
        store.answers.clear()
        edge.take(store.change([], ["ada"], reset=True))
        ada.look()
        assert ada.names == bob.names == ["put"]

        store.answers.set()
        await until(lambda: ada.names == ["put", "patch"])
        await until(lambda: not edge.members.lookups.waiting)
        assert ada.last()["flags"] == {"new": OFF}
        assert bob.names == ["put"]

    async def test_nobody_to_ask(self) -> None:
        """With the parent gone a stream opens all the same, and tells more once that is known."""
        store = a_store("ada", "bob")
        edge = an_edge(store)
        ada = await listening(edge)
        store.fails = SourceLost("gone")
        bob = await listening(edge, BOB)
        edge.take(store.change(reset=True))
        ada.look()
        bob.look()
        assert (ada.names, bob.names) == (["put"], ["put"])
        assert bob.last()["flags"]["new"] == OFF

        store.fails = None
        edge.clock.now = 30.0
        edge.hear(SHOP)
        for _ in range(3):  # as its comments have it
            ada.look()
            bob.look()
            await until(lambda: not edge.members.lookups.waiting)
        await until(lambda: bob.names == ["put", "patch"])

        assert bob.last()["flags"] == {"new": ON}
        assert ada.names == ["put"]
