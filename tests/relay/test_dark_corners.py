"""
The dark corners of push, each by its name, over real sockets.

The property behind them, over any order of such events, is in `test_convergence`; the pump's part
in each, without sockets, in `test_pump`; whole processes meet them in `tests/tree`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pennon.model.codec import digest_of
from pennon.model.messages import ItemId, Snapshot
from pennon.relay.replica import Replica
from pennon.relay.run import frame_of
from pennon.relay.sse import COMMENT
from pennon.relay.tail import heartbeat
from tests.builders.parents import STAGING, Followed, Line, SocketParent, followed
from tests.builders.relay import SHOP, a_change, a_position, a_snapshot, some_flags


def whole(snapshot: Snapshot) -> bytes:
    """Return the `full_sync` of a snapshot."""
    return _at(snapshot).full_sync()


def beat(snapshot: Snapshot, time: int = 0) -> bytes:
    """Return the heartbeat of a parent that holds *snapshot*."""
    return heartbeat(_at(snapshot), time)


def change(version: int, *, epoch: int = 1, environment: str = SHOP) -> bytes:
    """Return the event that makes *version*, of a flag of its own."""
    item = b'{"v":%d}' % version
    return frame_of(a_change(version, f"new-{version}", item, epoch=epoch, environment=environment))


def _at(snapshot: Snapshot) -> Replica:
    replica = Replica(snapshot.environment)
    replica.replace(snapshot)
    return replica


@asynccontextmanager
async def in_step() -> AsyncIterator[tuple[SocketParent, Line, Followed]]:
    """Give a follower that holds ten flags at version 1 of both environments, and its stream."""
    async with followed() as (parent, follower):
        line = await parent.line()
        line.say(COMMENT, whole(a_snapshot(1, some_flags(10))))
        line.say(whole(a_snapshot(1, some_flags(10), environment=STAGING)))
        await follower.until_at(1, STAGING)
        yield parent, line, follower


class TestHalfOpen:
    async def test_stream(self) -> None:
        """A connection on which no byte comes any more is dropped, and resumed elsewhere."""
        async with in_step() as (parent, line, follower):
            line.say(change(2))
            again = await parent.line()  # the first line was never closed
            again.say(change(3))
            await follower.until_at(3)

        assert again.asked[SHOP] == str(a_position(2))
        assert follower.replicas.open(SHOP).digest == digest_of(follower.replicas.open(SHOP).items)


class TestOrder:
    async def test_delta_lost_in_the_middle(self) -> None:
        """What follows a lost change is not applied; all of it is asked for again."""
        async with in_step() as (parent, line, follower):
            line.say(change(2), change(4), change(5))
            again = await parent.line()
            assert (again.asked[SHOP], follower.version()) == (str(a_position(2)), 2)
            again.say(change(3), change(4), change(5))
            await follower.until_at(5)

            assert b'{"v":3}' in follower.replicas.open(SHOP).items.values()

    async def test_last_delta_lost(self) -> None:
        """A change that is lost with none after it is missed at the next heartbeat."""
        async with in_step() as (parent, line, follower):
            line.say(beat(a_snapshot(2, some_flags(11))))
            again = await parent.line()
            again.say(change(2))
            await follower.until_at(2)

            assert again.asked[SHOP] == str(a_position(1))

    async def test_duplicate_frames(self) -> None:
        """What comes twice is taken once, and the stream goes on."""
        async with in_step() as (_parent, line, follower):
            line.say(change(2), change(2), change(3), change(2), change(3), change(4))
            await follower.until_at(4)

            assert len(follower.replicas.open(SHOP).items) == 13

    async def test_reordered_frames(self) -> None:
        """What comes too soon is a gap; in the end every change was applied in its order."""
        async with in_step() as (parent, line, follower):
            line.say(change(3), change(2))
            again = await parent.line()
            again.say(change(2), change(3))
            await follower.until_at(3)

            assert again.asked[SHOP] == str(a_position(1))

    async def test_full_sync_in_the_middle(self) -> None:
        """A whole environment may take the place of changes at any time; changes go on after it."""
        async with in_step() as (_parent, line, follower):
            line.say(change(2), whole(a_snapshot(7, some_flags(9))), change(8))
            await follower.until_at(8)
            replica = follower.replicas.open(SHOP)

            assert replica.items == {**some_flags(9), ("flag", "new-8"): b'{"v":8}'}
            assert replica.digest == digest_of(replica.items)


class TestOlderBackup:
    """The parent is started again on a database that is older than what its followers hold."""

    async def test_new_epoch(self) -> None:
        """It says so with a new epoch: followers take it as it is, lower versions and all."""
        async with in_step() as (parent, line, follower):
            line.say(*(change(version) for version in range(2, 30)))
            await follower.until_at(29)
            line.close()
            again = await parent.line()
            restored = a_snapshot(3, some_flags(2), epoch=2, shrink_allowed=True)
            again.say(whole(restored), change(4, epoch=2))
            await follower.until_at(4)

            assert follower.replicas.open(SHOP).position == a_position(4, epoch=2)
            assert follower.alarmed() == set()

    async def test_same_epoch(self) -> None:
        """It does not: followers keep what they hold, and raise an alarm after a minute."""
        async with in_step() as (parent, line, follower):
            line.say(change(2), change(3))
            await follower.until_at(3)
            line.close()
            again = await parent.line()
            behind = a_snapshot(1, some_flags(10))
            again.say(whole(behind), beat(behind), change(2, environment=STAGING))
            await follower.until_at(2, STAGING)
            assert follower.alarmed() == set()
            follower.clock.now += 61
            again.say(beat(behind))
            await follower.until(lambda: follower.alarmed() == {"ahead"})

            assert follower.version() == 3
            assert len(follower.replicas.open(SHOP).items) == 12


class TestClocks:
    @pytest.mark.parametrize("jump", [-86_400.0, 86_400.0], ids=["back", "forward"])
    async def test_jump(self, jump: float) -> None:
        """A wall clock that jumps, at either end, makes nothing stale and loses no change."""
        async with in_step() as (_parent, line, follower):
            parents_time = 2_000_000_500
            follower.wall.now += jump
            line.say(beat(a_snapshot(1, some_flags(10)), parents_time), change(2))
            await follower.until_at(2)
            corrected = round(follower.wall() * 1000) + (follower.freshness.clock_offset_ms or 0)
            assert corrected == parents_time

            at_two = a_snapshot(2, dict(follower.replicas.open(SHOP).items))
            line.say(beat(at_two, parents_time + round(jump * 1000)), change(3))
            await follower.until_at(3)

            assert follower.freshness.stale_ms(SHOP) is None


POISON: dict[str, tuple[bytes, str]] = {
    "does not decode": (
        whole(a_snapshot(9, some_flags(10))).replace(b'"flags":{', b'"flags":{,'),
        "unreadable",
    ),
    "wrong digest": (
        whole(a_snapshot(9, some_flags(10))).replace(b'flag-3"}', b'flag-4"}'),
        "unreadable",
    ),
    "lost 60 % of its flags": (whole(a_snapshot(9, some_flags(4))), "shrunk"),
}


class TestPoison:
    @pytest.mark.parametrize(("poison", "alarm"), POISON.values(), ids=POISON.keys())
    async def test_refused_and_recovered(self, poison: bytes, alarm: str) -> None:
        """The last good is kept and an alarm raised; the others go on; a good one ends it."""
        before: dict[ItemId, bytes] = some_flags(10)
        async with in_step() as (parent, line, follower):
            line.say(poison, change(10), change(2, environment=STAGING))
            await follower.until_at(2, STAGING)
            assert follower.replicas.open(SHOP).items == before
            assert follower.alarmed() == {alarm}

            follower.clock.now += 1
            line.say(COMMENT)
            again = await parent.line()
            assert again.asked[SHOP] == str(a_position(1))
            again.say(whole(a_snapshot(11, some_flags(12))), change(12))
            await follower.until_at(12)

            assert follower.alarmed() == set()

    @pytest.mark.parametrize(("poison", "alarm"), POISON.values(), ids=POISON.keys())
    async def test_recovered_on_the_same_stream(self, poison: bytes, alarm: str) -> None:
        """A good one that follows is taken without asking again."""
        async with in_step() as (_parent, line, follower):
            line.say(poison, whole(a_snapshot(11, some_flags(12))), change(12))
            await follower.until_at(12)

            assert follower.alarmed() == set()
            assert (
                sum(
                    count
                    for (_, verdict), count in follower.replicas.taken.items()
                    if verdict.name.lower() == alarm
                )
                == 1
            )
