"""What one follower still has to be told."""

from __future__ import annotations

from pennon.model.messages import Change, Heartbeat, Message, Snapshot
from pennon.model.position import Position
from pennon.relay.replica import Replica
from pennon.relay.run import Run, frame_of
from pennon.relay.sse import SseParser
from pennon.relay.tail import PIECE_BYTES, Tail, pieces
from pennon.relay.upstream import message_of
from tests.builders.relay import SHOP, a_change, a_position, a_snapshot, some_flags

STAGING = "shop/staging"


def a_replica(version: int, *, environment: str = SHOP, max_frames: int = 3) -> Replica:
    """Return a replica that began at version 0 and stands at *version*."""
    replica = Replica(environment, Run(max_frames))
    replica.replace(a_snapshot(0, some_flags(2), environment=environment))
    advance(replica, version)
    return replica


def advance(replica: Replica, version: int) -> None:
    assert replica.position is not None
    for next_version in range(replica.position.version + 1, version + 1):
        replica.apply(a_change(next_version, environment=replica.environment))


def a_tail(replica: Replica, position: Position | None) -> Tail:
    return Tail({replica.environment: position}, [replica])


def told(tail: Tail) -> list[bytes | memoryview]:
    """Return all that *tail* has to tell by now, in its pieces."""
    return list(iter(tail.next, None))


def messages(*chunks: bytes | memoryview) -> list[Message]:
    """Return what a follower reads from *chunks*."""
    return [
        message
        for event in SseParser().feed(b"".join(chunks))
        if (message := message_of(event)) is not None
    ]


def versions(*chunks: bytes | memoryview) -> list[int]:
    """Return the versions of the changes in *chunks*, which hold nothing else."""
    changes = messages(*chunks)
    assert all(isinstance(change, Change) for change in changes)
    return [change.position.version for change in changes if isinstance(change, Change)]


class TestPull:
    def test_up_to_date(self) -> None:
        """One that has everything is sent nothing."""
        assert told(a_tail(a_replica(4), a_position(4))) == []

    def test_behind(self) -> None:
        """One that lacks a little is sent that, once."""
        tail = a_tail(a_replica(4), a_position(2))

        assert versions(*told(tail)) == [3, 4]
        assert told(tail) == []

    def test_goes_on(self) -> None:
        """What happens later follows without a gap and without a repetition."""
        replica = a_replica(2)
        tail = a_tail(replica, a_position(2))
        seen = []
        for version in (3, 4, 6):
            advance(replica, version)
            seen.append(versions(*told(tail)))

        assert seen == [[3], [4], [5, 6]]

    def test_from_nothing(self) -> None:
        """One that has nothing is sent the whole environment."""
        (whole,) = messages(*told(a_tail(a_replica(4), None)))

        assert isinstance(whole, Snapshot)
        assert whole.position == a_position(4)

    def test_slow(self) -> None:
        """One that the run no longer reaches is sent the whole environment, then changes."""
        replica = a_replica(1)
        tail = a_tail(replica, a_position(1))
        advance(replica, 8)
        (whole,) = messages(*told(tail))
        advance(replica, 9)

        assert isinstance(whole, Snapshot)
        assert whole.position == a_position(8)
        assert versions(*told(tail)) == [9]

    def test_whole_is_shared(self) -> None:
        """A whole environment is one object for all followers at a position."""
        replica = a_replica(4)
        (one,), (two,) = told(a_tail(replica, None)), told(a_tail(replica, None))

        assert one is two

    def test_not_loaded(self) -> None:
        """Of an environment that is not loaded yet nothing can be said."""
        replica = Replica(SHOP)
        tail = a_tail(replica, None)
        assert told(tail) == []
        assert tail.heartbeats(0) == b""

        replica.replace(a_snapshot(1))

        assert len(messages(*told(tail))) == 1


class TestPortions:
    def test_a_slow_follower(self) -> None:
        """One far behind is given what fits at once, and holds no more than that."""
        replica = a_replica(0, max_frames=3000)
        advance(replica, 3000)
        tail = a_tail(replica, a_position(0))
        given = told(tail)

        assert len(given) > 1
        assert all(len(piece) <= PIECE_BYTES for piece in given)
        assert versions(*given) == list(range(1, 3001))

    def test_moves_meanwhile(self) -> None:
        """What happens between two pieces follows in its turn."""
        replica = a_replica(0, max_frames=3000)
        advance(replica, 2000)
        tail = a_tail(replica, a_position(0))
        first = tail.next()
        advance(replica, 2001)

        assert first is not None
        assert versions(first, *told(tail)) == list(range(1, 2002))

    def test_in_midst(self) -> None:
        """It is in the midst of something large until that was given out to its end."""
        replica = Replica(SHOP)
        replica.replace(a_snapshot(1, {("flag", "a"): b'"%s"' % (b"x" * 3 * PIECE_BYTES)}))
        tail = a_tail(replica, None)
        seen = [tail.in_midst]
        while tail.next() is not None:
            seen.append(tail.in_midst)

        assert seen == [False, True, True, True, True]
        assert not tail.in_midst

    def test_opening(self) -> None:
        """What it opens with comes before all else."""
        tail = a_tail(a_replica(2), a_position(1))
        tail.open_with([b":\n\n", b": more\n\n"])

        assert told(tail) == [b":\n\n: more\n\n", frame_of(a_change(2))]

    def test_abandoned(self) -> None:
        """It is abandoned once the node follows one of its environments no longer."""
        shop, staging = a_replica(1), a_replica(1, environment=STAGING)
        tail = Tail({SHOP: None, STAGING: None}, [shop, staging])
        before = tail.abandoned
        staging.forgotten = True

        assert (before, tail.abandoned) == (False, True)


class TestAhead:
    def test_waits(self) -> None:
        """One that is ahead is sent nothing until this node has caught up."""
        replica = a_replica(3)
        tail = a_tail(replica, a_position(5))
        pulled = [told(tail)]
        advance(replica, 5)
        pulled.append(told(tail))
        advance(replica, 6)

        assert pulled == [[], []]
        assert versions(*told(tail)) == [6]

    def test_newer_epoch(self) -> None:
        """One of a newer epoch is ahead, whatever the version."""
        tail = a_tail(a_replica(300), a_position(1, epoch=2))

        assert told(tail) == []
        assert len(messages(tail.heartbeats(0, only_silent=True))) == 1

    def test_older_epoch(self) -> None:
        """One of an older epoch is behind, whatever the version, and is sent everything."""
        (whole,) = messages(*told(a_tail(a_replica(3), a_position(500, epoch=0))))

        assert isinstance(whole, Snapshot)


class TestSeveral:
    def test_cursors(self) -> None:
        """Each environment has its own place."""
        shop, staging = a_replica(3), a_replica(2, environment=STAGING)
        tail = Tail({SHOP: a_position(2), STAGING: None}, [shop, staging])

        assert [type(message) for message in messages(*told(tail))] == [Change, Snapshot]


class TestHeartbeats:
    def test_says_where_it_stands(self) -> None:
        """A heartbeat holds position, digest and time."""
        replica = a_replica(3)
        (heartbeat,) = messages(a_tail(replica, a_position(3)).heartbeats(1234))

        assert isinstance(heartbeat, Heartbeat)
        assert (heartbeat.position, heartbeat.time) == (a_position(3), 1234)
        assert int(heartbeat.digest, 16) == replica.digest

    def test_greeting(self) -> None:
        """Greeted at once are those alone that nothing else will be said to."""
        shop, staging = a_replica(3), a_replica(2, environment=STAGING)
        tail = Tail({SHOP: a_position(3), STAGING: a_position(1)}, [shop, staging])
        greeted = messages(tail.heartbeats(0, only_silent=True))

        assert [one.environment for one in greeted if isinstance(one, Heartbeat)] == [SHOP]

    def test_not_fresh(self) -> None:
        """A node that has lost touch sends no heartbeat, so that its followers know."""
        tail = a_tail(a_replica(3), a_position(3))

        assert tail.heartbeats(0, fresh=lambda environment: environment != SHOP) == b""


class TestPieces:
    def test_one(self) -> None:
        """The event of one change is the same object for everyone."""
        event = frame_of(a_change(1))
        (piece,) = pieces([event, b""])

        assert piece is event

    def test_sizes(self) -> None:
        """No piece is larger than allowed, none is empty, and nothing is lost."""
        events = [b"a" * size for size in (10, PIECE_BYTES, 3 * PIECE_BYTES + 1, 0, 5, 5)]
        cut = list(pieces(events))

        assert b"".join(cut) == b"".join(events)
        assert all(0 < len(piece) <= PIECE_BYTES for piece in cut)

    def test_nothing(self) -> None:
        """Of nothing there are no pieces."""
        assert list(pieces([b"", b""])) == []

    def test_shared(self) -> None:
        """A whole environment is encoded once for all who need it at a position."""
        replica = Replica(SHOP)
        replica.replace(a_snapshot(1, some_flags(3)))

        assert replica.full_sync() is replica.full_sync()
