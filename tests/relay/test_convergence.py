"""What everything else stands on: whatever happens, a follower ends equal to its source."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pennon.errors import BadInput
from pennon.model.codec import decode_snapshot, digest_of, encode_snapshot
from pennon.model.position import Position
from pennon.relay.replica import Replica, Verdict
from pennon.relay.replicas import Replicas
from pennon.relay.run import Run
from pennon.relay.sse import SseParser
from pennon.relay.tail import Tail
from pennon.relay.upstream import message_of
from tests.builders.relay import SHOP, a_change, a_snapshot

KEYS = st.sampled_from(["a", "b", "c", "d"])
VALUES = st.sampled_from([b'{"v":1}', b'{"v":2}', b"null", '{"v":"é\u2028"}'.encode()])


class Wire:
    """A connection from a tail to a replica: bytes on their way, and a parser at the end."""

    def __init__(self, source: Replica, follower: Replicas) -> None:
        replica = follower.open(SHOP)
        self.tail = Tail({SHOP: replica.asks_from}, [source])
        self.follower = follower
        self.parser = SseParser()
        self.under_way = self.tail.heartbeats(0, only_silent=True)

    def send(self) -> None:
        self.under_way += b"".join(iter(self.tail.next, None))

    def deliver(self, count: int) -> bool:
        """Hand over *count* bytes; return False when the follower gives the connection up."""
        chunk, self.under_way = self.under_way[:count], self.under_way[count:]
        for event in self.parser.feed(chunk):
            message = message_of(event)
            assert message is not None
            verdict = self.follower.take(message)
            if verdict in (Verdict.GAP, Verdict.DRIFT, Verdict.SHRUNK):
                return False
        return True


class Convergence(RuleBasedStateMachine):
    """Random changes, cuts, lost bytes, slow readers, restarts and restored backups."""

    @initialize()
    def start(self) -> None:
        self.epoch = 1
        self.source = Replica(SHOP, Run(max_frames=3))
        self.source.replace(a_snapshot(0))
        self.backup = encode_snapshot(self.source.snapshot())
        self.follower = Replicas()
        self.disk: bytes | None = None
        self.wire: Wire | None = None
        self.seen = Position("", 0)

    @rule(key=KEYS, value=VALUES | st.none())
    def change(self, key: str, value: bytes | None) -> None:
        """The source takes its next version."""
        assert self.source.position is not None
        version = self.source.position.version + 1
        verdict = self.source.apply(a_change(version, key, value, epoch=self.epoch))
        assert verdict is Verdict.APPLIED

    @rule()
    def connect(self) -> None:
        """A new connection, from the position that the follower holds."""
        self.wire = Wire(self.source, self.follower)

    @precondition(lambda self: self.wire is not None)
    @rule(share=st.floats(0, 1))
    def flow(self, share: float) -> None:
        """The source sends what there is; some of it arrives, cut anywhere."""
        assert self.wire is not None
        self.wire.send()
        if not self.wire.deliver(int(len(self.wire.under_way) * share)):
            self.wire = None

    @precondition(lambda self: self.wire is not None)
    @rule()
    def cut(self) -> None:
        """The connection dies with bytes under way."""
        self.wire = None

    @precondition(lambda self: self.wire is not None and self.wire.under_way)
    @rule()
    def lose_an_event(self) -> None:
        """A broken proxy swallows whole events."""
        assert self.wire is not None
        head, gap, _ = self.wire.under_way.partition(b"\n\n")
        self.wire.deliver(len(head + gap))
        event, gap, rest = self.wire.under_way.partition(b"\n\n")
        self.wire.under_way = rest if gap else event

    @precondition(lambda self: self.wire is not None and self.wire.under_way)
    @rule()
    def repeat(self) -> None:
        """A broken proxy sends what is under way twice."""
        assert self.wire is not None
        self.wire.under_way += self.wire.under_way[self.wire.under_way.find(b"event:") :]

    @rule()
    def save(self) -> None:
        """The follower writes its disk."""
        replica = self.follower.open(SHOP)
        if replica.position is not None:
            self.disk = encode_snapshot(replica.snapshot())

    @rule()
    def restart_follower(self) -> None:
        """The follower starts again from its disk, which may be old, empty or rotten."""
        self.wire, self.follower = None, Replicas()
        replica = self.follower.open(SHOP)
        if self.disk is not None:
            with suppress(BadInput):
                replica.replace(decode_snapshot(self.disk))
        self.seen = replica.position or Position("", 0)

    @rule()
    def restart_source(self) -> None:
        """The source starts again: same position, but its run of frames is gone."""
        self.wire = None
        whole = decode_snapshot(encode_snapshot(self.source.snapshot()))
        self.source = Replica(SHOP, Run(max_frames=3))
        self.source.replace(whole)

    @rule()
    def back_up(self) -> None:
        """The source's database is copied."""
        self.backup = encode_snapshot(self.source.snapshot())

    @rule()
    def restore(self) -> None:
        """The copy is restored: older contents, in a new epoch."""
        self.wire = None
        self.epoch += 1
        old = decode_snapshot(self.backup)
        self.source = Replica(SHOP, Run(max_frames=3))
        self.source.replace(
            a_snapshot(old.position.version, dict(old.items), epoch=self.epoch, shrink_allowed=True)
        )
        self.backup = encode_snapshot(self.source.snapshot())

    @precondition(lambda self: bool(self.follower.open(SHOP).items))
    @rule()
    def rot(self) -> None:
        """A bit flips in the follower's memory: its digest no longer tells the truth."""
        self.follower.open(SHOP).digest ^= 1

    @invariant()
    def never_goes_back(self) -> None:
        """A follower's position only grows while it runs."""
        if not hasattr(self, "follower"):
            return
        position = self.follower.open(SHOP).position or Position("", 0)

        assert position >= self.seen
        self.seen = position

    def teardown(self) -> None:
        """Once the network is whole again, two connections are enough to be equal."""
        if not hasattr(self, "follower"):
            return
        follower = self.follower.open(SHOP)
        self._heal()
        self._heal()

        assert follower.position == self.source.position
        assert follower.items == self.source.items
        assert follower.digest == self.source.digest == digest_of(follower.items)

    def _heal(self) -> None:
        wire = Wire(self.source, self.follower)
        wire.send()
        wire.under_way += wire.tail.heartbeats(0)
        wire.deliver(len(wire.under_way))


TestConvergence = Convergence.TestCase
TestConvergence.settings = settings(max_examples=400, stateful_step_count=40, deadline=None)
