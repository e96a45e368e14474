"""What a client is told that holds its stream."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.model.flag import ClientSide, Flag, Variation
from pennon.model.position import ACCESS
from pennon.model.segment import Segment
from tests.builders.client_stream import Listener, fresh
from tests.builders.edge import CLIENT, MOBILE, RELAY, SERVER, STAGING, TWO, AnEdge
from tests.builders.flags import (
    a_flag,
    a_rule,
    a_segment,
    a_target,
    in_segment,
    members,
    requiring,
    serving,
)
from tests.builders.relay import SHOP, a_key_change, a_position, an_access_key

ADA, BOB = {"targetingKey": "ada"}, {"targetingKey": "bob"}
WEB, APP = ClientSide(web=True), ClientSide(mobile=True)
ON = {"value": True, "variation": 0}
OFF = {"value": False, "variation": 1}


def a_page_flag(key: str = "f", **changes: Any) -> Flag:
    """Return a flag that pages may see."""
    return a_flag(key, **{"client_side": WEB, **changes})


def for_ada(key: str = "f") -> Flag:
    """Return a flag that is on for Ada alone."""
    return a_page_flag(key, targets=(a_target("on", "ada"),))


def listening(edge: AnEdge, context: Any = ADA, *, key: str = CLIENT, since: str = "") -> Listener:
    """Return a client that holds its stream."""
    listener = Listener(since=since)
    assert listener.ask(edge, context, key=key).status == 200
    return listener


def changed(edge: AnEdge, version: int, item: Flag | Segment, *listeners: Listener) -> None:
    """Have a change told to *listeners*."""
    edge.change(version, item)
    for listener in listeners:
        listener.look()


class TestPut:
    async def test_first(self) -> None:
        """A stream begins with all that the flags serve its context, in the bootstrap's shape."""
        listener = listening(AnEdge(for_ada(), a_page_flag("g")))

        assert listener.names == ["put"]
        assert listener.last() == {
            "version": "v1",
            "epoch": a_position().epoch,
            "flags": {"f": ON, "g": OFF},
        }

    async def test_no_value(self) -> None:
        """A flag without a value to serve, or that fails, is left out."""
        listener = listening(
            AnEdge(
                a_page_flag("none", enabled=False, off=None),
                a_page_flag("bad", default=serving("nowhere")),
            )
        )

        assert listener.last()["flags"] == {}

    async def test_float(self) -> None:
        """The value of a float flag has a fraction, as everywhere."""
        flag = a_page_flag(
            type="float", variations=(Variation(name="it", value=1),), default=serving("it")
        )

        assert b'"value":1.0' in listening(AnEdge(flag)).text

    @pytest.mark.parametrize(
        ("key", "seen"), [(CLIENT, {"page"}), (SERVER, {"page"}), (MOBILE, {"app"})]
    )
    async def test_who_sees_what(self, key: str, seen: set[str]) -> None:
        """A page is told what pages may see, whoever opens the stream for it."""
        edge = AnEdge(a_page_flag("page"), a_flag("app", client_side=APP), a_flag("secret"))

        assert listening(edge, key=key).flags.keys() == seen


class TestPatch:
    async def test_change(self) -> None:
        """What changes for the context is told, and no more."""
        edge = AnEdge(a_page_flag(), a_page_flag("g"))
        ada, bob = listening(edge), listening(edge, BOB)
        changed(edge, 2, for_ada(), ada, bob)

        assert ada.names == ["put", "patch"]
        assert ada.last() == {
            "version": "v2",
            "epoch": a_position().epoch,
            "flags": {"f": ON},
            "removed": [],
        }
        assert bob.names == ["put"]

    @pytest.mark.parametrize(
        "after", [a_flag(), a_page_flag(enabled=False, off=None), a_page_flag(default=serving("x"))]
    )
    async def test_removed(self, after: Flag) -> None:
        """A flag that is hidden, or has no value any more, is removed."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        changed(edge, 2, after, listener)

        assert (listener.last()["flags"], listener.last()["removed"]) == ({}, ["f"])

    async def test_deleted_and_new(self) -> None:
        """A deleted flag is removed, a new one told."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        edge.delete(2, "f")
        edge.change(3, a_page_flag("new"))
        listener.look()

        assert (listener.last()["flags"], listener.last()["removed"]) == ({"new": OFF}, ["f"])

    async def test_hidden(self) -> None:
        """Of a flag that the page may not see it hears nothing, not even that there is one."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        changed(edge, 2, a_flag("secret"), listener)
        edge.delete(3, "secret")
        listener.look()

        assert b"secret" not in listener.text

    async def test_through_others(self) -> None:
        """What a hidden flag or a segment decides is told as well."""
        edge = AnEdge(
            a_page_flag("p", requires=(requiring("hidden"),), default=serving("on")),
            a_flag("hidden"),
            a_page_flag("s", rules=(a_rule(in_segment()),)),
        )
        listener = listening(edge)
        changed(edge, 2, a_flag("hidden", default=serving("on")), listener)
        first = listener.last()["flags"]
        changed(edge, 3, a_segment(include=(members("ada"),)), listener)

        assert (first, listener.last()["flags"]) == ({"p": ON}, {"s": ON})

    async def test_back_again(self) -> None:
        """What is as it was by the time that it is looked at was no change."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        edge.change(2, for_ada())
        changed(edge, 3, a_page_flag(), listener)

        assert listener.names == ["put"]

    async def test_whole_environment(self) -> None:
        """An environment that comes whole is compared with what was told."""
        edge = AnEdge(a_page_flag(), a_page_flag("gone"))
        listener = listening(edge)
        edge.load(SHOP, for_ada(), a_page_flag("new"), version=9)
        listener.look()

        assert listener.names == ["put", "patch"]
        assert listener.last()["flags"] == {"f": ON, "new": OFF}
        assert listener.last()["removed"] == ["gone"]

    async def test_other_contents_of_the_same_version(self) -> None:
        """What had drifted from the parent's is told as it is, once it is put right."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        edge.load(SHOP, for_ada(), version=1)
        listener.look()

        assert listener.last()["flags"] == {"f": ON}

    async def test_flags_that_come_and_go(self) -> None:
        """However many flags there ever were, a client has those that there are."""
        edge = AnEdge(a_page_flag())
        listener, other = listening(edge), listening(edge, BOB)
        for version in range(2, 8):
            edge.load(SHOP, *(for_ada(f"f{version}-{n}") for n in range(40)), version=version)
            listener.look()
        other.look()

        assert listener.flags == fresh(edge, ADA)
        assert other.flags == fresh(edge, BOB)
        assert len(listener.flags) == 40

    async def test_by_itself(self) -> None:
        """Nobody has to ask: who is seated is looked at."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        edge.change(2, for_ada())
        await edge.settle()

        assert listener.names == ["put", "patch"]

    async def test_slow(self) -> None:
        """To a client that is slow several changes are one event."""
        edge = AnEdge(a_page_flag(), a_page_flag("g"))
        listener = listening(edge)
        listener.eager = False
        changed(edge, 2, for_ada(), listener)
        changed(edge, 3, for_ada("g"), listener)
        edge.change(4, a_page_flag())
        listener.resume()

        assert listener.names == ["put", "patch", "patch"]
        assert listener.last()["flags"] == {"f": OFF, "g": ON}

    async def test_after_very_much(self) -> None:
        """Whoever missed more than is remembered is told everything."""
        edge = AnEdge(a_page_flag())
        slow, other = listening(edge), listening(edge)
        slow.eager = False
        for number in range(2, 80):
            changed(edge, number, a_page_flag(f"f{number}"), slow, other)
        slow.resume()

        assert slow.names == ["put", "patch", "put"]
        assert slow.flags == fresh(edge, ADA)


class TestGroups:
    def count(self, edge: AnEdge) -> int:
        return len(edge.evaluating.client_streams.groups)

    async def test_shared(self) -> None:
        """The same context shares its work, in whatever form it came: another does not."""
        edge = AnEdge(a_page_flag())
        first = listening(edge, {"targetingKey": "ada", "plan": "pro"})
        second = listening(edge, {"plan": "pro", "kind": "user", "key": "ada"})
        third = listening(edge, BOB)

        assert self.count(edge) == 2
        assert (
            first.text[first.text.index(b"event") :] == second.text[second.text.index(b"event") :]
        )
        assert third.since != first.since

    async def test_apart(self) -> None:
        """Pages and apps have groups of their own; numbers that differ are different contexts."""
        edge = AnEdge(a_page_flag())
        listening(edge)
        listening(edge, key=MOBILE)
        listening(edge, {**ADA, "n": 2**53})
        listening(edge, {**ADA, "n": 2**53 + 1})

        assert self.count(edge) == 4

    async def test_left(self) -> None:
        """A group lasts as long as a stream is in it."""
        edge = AnEdge(a_page_flag())
        first, second = listening(edge), listening(edge)
        first.leave()
        with_one = self.count(edge)
        second.leave()

        assert (with_one, self.count(edge)) == (1, 0)
        assert edge.evaluating.client_streams.fanout.taken == 0


class TestComingBack:
    async def test_nothing_new(self) -> None:
        """Who has everything is told nothing, by any node."""
        edge, other = AnEdge(for_ada()), AnEdge(for_ada())
        listener = listening(edge)
        listener.leave()
        listener.ask(other, ADA)

        assert listener.names == ["put"]

    async def test_patch(self) -> None:
        """Who was away is told what may have changed meanwhile."""
        edge = AnEdge(a_page_flag(), a_page_flag("g"), a_page_flag("h"))
        listener = listening(edge)
        listener.leave()
        edge.change(2, for_ada())
        edge.delete(3, "g")
        edge.change(4, a_flag("secret"))
        listener.ask(edge, ADA)

        assert listener.names == ["put", "patch"]
        assert (listener.last()["flags"], listener.last()["removed"]) == ({"f": ON}, ["g"])
        assert b"secret" not in listener.text

    @pytest.mark.parametrize("epoch", [1, 2])
    async def test_unknown(self, epoch: int) -> None:
        """Who was away for longer than the node can tell is told everything."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        listener.leave()
        other = AnEdge(for_ada())
        other.change(2, a_page_flag("g"))
        state = listener.since.replace(a_position().epoch, a_position(epoch=epoch - 1).epoch)
        back = listening(other, since=state)

        assert back.names == ["put"]

    async def test_the_same_all_along(self) -> None:
        """Who has everything is told nothing, also where nobody can tell what happened."""
        listener = listening(AnEdge(for_ada()))
        other = AnEdge(for_ada())
        other.load(SHOP, for_ada(), version=99)
        back = listening(other, since=listener.since)

        assert back.names == []

    async def test_another_context(self) -> None:
        """What one context was told is worth nothing to another."""
        edge = AnEdge(for_ada())
        first = listening(edge)
        other = listening(edge, BOB, since=first.since)

        assert other.names == ["put"]

    @pytest.mark.parametrize("since", ["7", "x" * 5000, "1763000000001-00000001.1.xy.0", "é"])
    async def test_nonsense(self, since: str) -> None:
        """Who says nothing that can be read is told everything."""
        assert listening(AnEdge(a_page_flag()), since=since).names == ["put"]

    async def test_from_a_bootstrap(self) -> None:
        """Who begins with a bootstrap payload goes on from there."""
        edge = AnEdge(for_ada(), a_page_flag("g"))
        answer = await edge.post("/bootstrap/v1", {"context": ADA}, key=CLIENT)
        state = answer.json()["state"]
        same = listening(edge, since=state)
        same.leave()
        edge.change(2, for_ada("g"))
        later = listening(edge, since=state)

        assert same.names == []
        assert (later.names, later.last()["flags"]) == (["patch"], {"g": ON})

    async def test_node_behind(self) -> None:
        """A node that is behind its client says nothing until it is not."""
        edge, behind = AnEdge(a_page_flag()), AnEdge(a_page_flag())
        edge.change(2, for_ada())
        listener = listening(edge)
        listener.leave()
        listener.ask(behind, ADA)
        early = list(listener.names)
        changed(behind, 2, for_ada(), listener)
        changed(behind, 3, a_page_flag(), listener)

        assert early == ["put"]
        assert listener.names == ["put", "patch"]
        assert listener.flags == fresh(behind, ADA)


class TestEnd:
    async def test_revoked(self) -> None:
        """A key that is revoked ends its streams, also one that takes nothing."""
        edge = AnEdge(a_page_flag())
        listener, slow = listening(edge), listening(edge)
        slow.eager = False
        changed(edge, 2, for_ada(), slow)
        edge.replicas.open(ACCESS).apply(
            a_key_change(2, an_access_key(CLIENT, SHOP, kind="client", revoked=True))
        )
        await edge.settle()

        assert (listener.ended, slow.ended) == (True, True)

    async def test_drain(self) -> None:
        """A node that stops says when to come back, and takes nobody else."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        edge.fanout.drain()
        await edge.settle()

        assert listener.ended
        assert listener.events[-1].name == "goodbye"
        assert b"retry: %d\n" % listener.last()["retryAfterMs"] in listener.text
        assert Listener().ask(edge, ADA).status == 503

    async def test_followed_no_longer(self) -> None:
        """An environment that is gone ends them as well."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        edge.replicas.keep(frozenset({ACCESS}))
        listener.look()

        assert listener.ended

    async def test_comes_back_to_another_replica(self) -> None:
        """An environment that is followed again begins anew."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        edge.replicas.keep(frozenset({ACCESS}))
        edge.load(SHOP, for_ada())
        again = listening(edge)
        listener.look()

        assert (listener.ended, again.ended) == (True, False)
        assert again.flags == fresh(edge, ADA)

    async def test_comment(self) -> None:
        """A quiet stream says that it lives."""
        edge = AnEdge(a_page_flag())
        listener = listening(edge)
        before = len(listener.text)
        listener.feed.comment()  # type: ignore[union-attr]  # a seat has it

        assert listener.text[before:] == b":\n\n"


class TestRefused:
    @pytest.mark.parametrize(
        ("key", "environment", "status"),
        [("nobody", SHOP, 401), (RELAY, SHOP, 403), (SERVER, STAGING, 403)],
    )
    async def test_keys(self, key: str, environment: str, status: int) -> None:
        """Keys have the statuses that they have everywhere."""
        answer = await AnEdge().post(
            "/client/v1/stream", {"context": ADA}, key=key, x_pennon_environment=environment
        )

        assert answer.status == status

    @pytest.mark.parametrize("body", [b"{", b'{"context":[]}', b'{"context":{},"since":7}'])
    async def test_bad(self, body: bytes) -> None:
        """What is no context is told, with its place."""
        answer = await AnEdge().post("/client/v1/stream", body, key=CLIENT)

        assert answer.status == 400
        assert answer.json()["errors"][0]["path"].startswith("$")

    async def test_deep(self) -> None:
        """A context that nests deep is answered, or refused; it is never our fault."""
        body = b'{"context":{"a":%b1%b}}' % (b"[" * 900, b"]" * 900)
        answer = await AnEdge().post("/client/v1/stream", body, key=CLIENT)

        assert answer.status in (200, 400)

    async def test_cap(self) -> None:
        """There are only so many seats."""
        edge = AnEdge(a_page_flag(), client_streams=1)
        first = listening(edge)
        refused = Listener().ask(edge, ADA)
        first.leave()

        assert (refused.status, "retry-after" in dict(refused.headers)) == (503, True)
        assert listening(edge).names == ["put"]

    async def test_none(self) -> None:
        """A node that holds no such streams offers none."""
        answer = await AnEdge(client_streams=0).post("/client/v1/stream", {}, key=CLIENT)

        assert answer.status == 404

    async def test_not_loaded(self) -> None:
        """While the environment is not loaded it is a matter of time."""
        edge = AnEdge(environments=(SHOP, STAGING))
        answer = await edge.post("/client/v1/stream", {}, key=TWO, x_pennon_environment=STAGING)

        assert answer.status == 503
