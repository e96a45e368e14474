"""What many lack is read once."""

from __future__ import annotations

import asyncio

import pytest

from pennon.errors import NotReady
from pennon.model.position import Position
from pennon.relay.replica import Replica
from pennon.relay.run import Run, frame_of
from pennon.web.history import MOST_READS, NOTHING_SECONDS, SharedHistory
from tests.builders.relay import SHOP, Clock, a_change, a_position, a_snapshot


class Log:
    """A changelog that answers when it may, and counts how often it was asked."""

    def __init__(self, *, gone: bool = False) -> None:
        self.asked: list[Position] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._gone = gone

    async def between(self, environment: str, start: Position, end: Position) -> bytes | None:
        self.asked.append(start)
        await self.may_answer.wait()
        if self._gone:
            return None
        versions = range(start.version + 1, end.version + 1)
        return b"".join(frame_of(a_change(version)) for version in versions)


def a_replica(version: int, *, max_frames: int = 10) -> Replica:
    """Return a replica that was given everything at *version*."""
    replica = Replica(SHOP, Run(max_frames))
    replica.replace(a_snapshot(version))
    return replica


def not_now(message: str) -> NotReady:
    return NotReady(message, retry_after=3.0)


class TestSharedHistory:
    async def test_a_herd(self) -> None:
        """All who come back from one position at one time are answered by one question."""
        log, replica = Log(), a_replica(500)
        shared = SharedHistory(log, not_now)
        found = await asyncio.gather(*(shared.after(replica, a_position(7)) for _ in range(100)))

        assert log.asked == [a_position(7)]
        assert found[0] is not None
        assert all(one is found[0] or (one and one[0] is found[0][0]) for one in found)

    async def test_stragglers(self) -> None:
        """Who comes later is given the same, and finds the rest in the replica's run."""
        log, replica = Log(), a_replica(500)
        shared = SharedHistory(log, not_now)
        first = await shared.after(replica, a_position(7))
        replica.apply(a_change(501))
        second = await shared.after(replica, a_position(7))

        assert first is not None
        assert first == second
        assert first[1] == a_position(500)
        assert log.asked == [a_position(7)]

    async def test_too_late(self) -> None:
        """Once the run no longer goes on from there, it is read anew."""
        log, replica = Log(), a_replica(500, max_frames=2)
        shared = SharedHistory(log, not_now)
        await shared.after(replica, a_position(7))
        for version in (501, 502, 503):
            replica.apply(a_change(version))
        found = await shared.after(replica, a_position(7))

        assert found is not None
        assert found[1] == a_position(503)
        assert len(log.asked) == 2

    async def test_gone(self) -> None:
        """That there is nothing is believed for a while, and then asked again."""
        log, replica, clock = Log(gone=True), a_replica(500), Clock()
        shared = SharedHistory(log, not_now, clock)
        found = [await shared.after(replica, a_position(7)) for _ in range(3)]
        before = len(log.asked)
        clock.now += NOTHING_SECONDS
        found.append(await shared.after(replica, a_position(7)))

        assert found == [None] * 4
        assert (before, len(log.asked)) == (1, 2)

    async def test_bounded(self) -> None:
        """Only so much is read at once; who needs more comes back later."""
        log, replica = Log(), a_replica(500)
        shared = SharedHistory(log, not_now)
        log.may_answer.clear()
        reading = [
            asyncio.create_task(shared.after(replica, a_position(version)))
            for version in range(MOST_READS)
        ]
        await asyncio.sleep(0)
        with pytest.raises(NotReady) as refused:
            await shared.after(replica, a_position(MOST_READS))
        log.may_answer.set()
        await asyncio.gather(*reading)

        assert refused.value.retry_after == 3.0
        assert await shared.after(replica, a_position(MOST_READS)) is not None

    async def test_one_gives_up(self) -> None:
        """One who leaves while it is read takes nothing from the others."""
        log, replica = Log(), a_replica(500)
        shared = SharedHistory(log, not_now)
        log.may_answer.clear()
        leaves, stays = (
            asyncio.create_task(shared.after(replica, a_position(7))) for _ in range(2)
        )
        await asyncio.sleep(0)
        leaves.cancel()
        await asyncio.sleep(0)
        log.may_answer.set()

        assert await stays is not None

    @pytest.mark.parametrize(
        "cursor", [a_position(500), a_position(501), a_position(7, epoch=0), a_position(1, epoch=2)]
    )
    async def test_not_asked(self, cursor: Position) -> None:
        """Nothing is asked for one who lacks nothing, or whose line of versions is another."""
        log = Log()
        shared = SharedHistory(log, not_now)

        assert await shared.after(a_replica(500), cursor) is None
        assert log.asked == []

    async def test_none(self) -> None:
        """A node without a history finds nothing."""
        assert await SharedHistory(None, not_now).after(a_replica(5), a_position(1)) is None
