"""Work that goes on for as long as a node does."""

from __future__ import annotations

import asyncio

import pytest

from pennon.relay.running import keep_running


class Work:
    """Fails so many times, then is at it until it is told to end."""

    def __init__(self, faults: int) -> None:
        self._faults = faults
        self.begun = 0
        self.at_it, self.end = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        if self.begun <= self._faults:
            raise RuntimeError("a bug")
        self.at_it.set()
        await self.end.wait()


class TestKeepRunning:
    async def test_begun_again(self, caplog: pytest.LogCaptureFixture) -> None:
        """A fault is told in the log, with the name of the task, and the work goes on."""
        work = Work(faults=2)
        task = keep_running(work, "acks", pause=0)
        await asyncio.wait_for(work.at_it.wait(), 5)
        told = [(record.message, record.__dict__["task"]) for record in caplog.records]
        task.cancel()

        assert work.begun == 3
        assert told == [("task_failed", "acks")] * 2

    async def test_ends(self) -> None:
        """Work that is done is not begun again."""
        work = Work(faults=0)
        work.end.set()
        await asyncio.wait_for(keep_running(work, "acks"), 5)

        assert work.begun == 1

    async def test_cancelled(self) -> None:
        """Its owner ends it."""
        work = Work(faults=0)
        task = keep_running(work, "acks")
        await asyncio.wait_for(work.at_it.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert work.begun == 1
