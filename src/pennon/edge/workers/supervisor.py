"""Keeps as many workers as there should be, and replaces them: who is in which place."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
from collections.abc import Callable, Sequence
from typing import Final

from pennon.edge.workers.channel import Gathered
from pennon.edge.workers.doors import share_doors
from pennon.edge.workers.employed import Employed, Start
from pennon.edge.workers.gathering import gather_metrics, own_metrics
from pennon.edge.workers.stand_in import StandIn
from pennon.errors import PennonError
from pennon.relay.backoff import Backoff
from pennon.web.leaving import hold_off

log = logging.getLogger(__name__)

STEADY_SECONDS: Final = 30.0
"""After how long a worker that dies is not taken for one that dies again and again."""
READY_SECONDS: Final = 120.0
"""How long a reload waits for each new worker."""
WATCH_SECONDS: Final = 10.0
"""How often it is asked whether a worker answers, and how long that may take."""
_MOST_SILENT: Final = 3
# So often in a row: when all processes were stopped for a while, one answer is late.
_LAST_SECONDS: Final = 5.0
# Beyond its drain, a worker hands over its last counts and writes what it owes.


class CannotStart(PennonError):
    """A worker ended by itself before any was ever ready."""


class Supervisor:
    """
    Keeps a worker in each place, and tells each where to accept.

    *start* starts a worker in a place; *announce* is called once all are ready for the first time.
    """

    def __init__(
        self,
        doors: Sequence[socket.socket],
        start: Start,
        *,
        drain_seconds: float,
        announce: Callable[[Sequence[str]], None],
        random: Callable[[], float] = random.random,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        self._doors, self._start_one, self._announce = doors, start, announce
        self._drain_seconds, self._random = drain_seconds, random
        self._watch_seconds = watch_seconds
        self.places: list[Employed | None] = [None] * len(doors)
        self._filling = [asyncio.Lock() for _ in doors]
        self._children: dict[Employed, asyncio.Task[None]] = {}  # also those that leave
        self.stand_in = StandIn(doors)
        self._moved = asyncio.Event()
        self._all_ready = self._any_was_ready = False
        self._failed: int | None = None
        self._started = 0

    async def run(self, stopped: asyncio.Event, reload: asyncio.Event) -> None:
        """Serve until *stopped*, with new workers whenever *reload* is set. Raises CannotStart."""
        self._stopped = stopped
        async with self.stand_in.bare.running(), asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            sharing = tasks.create_task(self._share_for_ever(), name="share")
            keeping = [
                tasks.create_task(self._reload_for_ever(reload), name="reload"),
                *(
                    tasks.create_task(self._keep(index), name=f"keep-{index}")
                    for index in range(len(self.places))
                ),
            ]
            await stopped.wait()
            for task in keeping:
                task.cancel()
            await hold_off(self._doors)
            sharing.cancel()
            await self._stop()
        if self._failed is not None:
            raise CannotStart(f"A worker could not start (exit code {self._failed}); see its log.")

    async def _share_for_ever(self) -> None:
        """Whenever something has moved, deal out the doors anew."""
        while True:
            self._moved.clear()
            ready = [child is not None and child.ready for child in self.places]
            self._any_was_ready = self._any_was_ready or any(ready)
            await self.stand_in.entrance.accept_at(() if any(ready) else range(len(ready)))
            for child, doors in zip(self.places, share_doors(ready), strict=True):
                if child is not None and child.ready:
                    child.serve(doors)
            if all(ready) and not self._all_ready:
                self._all_ready = True
                self._announce(next(child.environments for child in self.places if child))
            await self._moved.wait()

    async def _keep(self, index: int) -> None:
        """Have a worker in a place, and another when it has left."""
        backoff = Backoff(self._random)
        while True:
            async with self._filling[index]:
                child = self.places[index]  # a reload may have put one there
                if child is None:
                    child = self.places[index] = await self._start(index)
            if child is not None:
                await child.left.wait()
                if self.places[index] is not child:
                    continue
                self.places[index] = None
                self._moved.set()
                if child.served_seconds > STEADY_SECONDS:
                    backoff.reset()
            await asyncio.sleep(backoff.next())

    async def _reload_for_ever(self, asked: asyncio.Event) -> None:
        while True:
            await asked.wait()
            asked.clear()
            log.info("reload_begun")
            for index in range(len(self.places)):
                if not await self._replace(index):
                    log.error("reload_given_up")
                    break
            else:
                log.info("reloaded")

    async def _replace(self, index: int) -> bool:
        """Start a worker and have it take over; return whether it could. Else the old one stays."""
        async with self._filling[index]:
            fresh = await self._start(index)
            if fresh is None:
                return False
            if not await fresh.until_ready(READY_SECONDS):
                fresh.kill()
                return False
            old, self.places[index] = self.places[index], fresh
        self._moved.set()
        if old is not None:
            old.terminate()
        return True

    async def _start(self, index: int) -> Employed | None:
        """Start a worker, if the system has room for it."""
        try:
            child = await self._start_one(index, self._moved.set)
        except OSError as error:
            log.error("worker_not_started", extra={"reason": str(error)})
            return None
        self._started += 1
        self._children[child] = self._tasks.create_task(self._attend(child), name=child.name)
        log.info("worker_started", extra={"worker": child.name, "pid": child.pid})
        return child

    async def _attend(self, child: Employed) -> None:
        """Listen to a worker until it is gone, and say how it ended."""
        watching = self._tasks.create_task(self._watch(child), name=f"watch-{child.name}")
        await child.attend(
            lambda asker, number: self._tasks.create_task(self._gather(asker, number))
        )
        watching.cancel()
        del self._children[child]
        told = {"worker": child.name, "pid": child.pid, "code": child.code}
        log.log(logging.WARNING if child.code else logging.INFO, "worker_ended", extra=told)
        by_itself = child.code is not None and child.code > 0 and not self._stopped.is_set()
        if by_itself and not self._any_was_ready:
            self._failed = child.code  # it has said why, and would say so again
            self._stopped.set()

    async def _watch(self, child: Employed) -> None:
        """End a worker that hangs, and keeps its share of connections waiting, or never leaves."""
        silent = 0
        while silent < _MOST_SILENT:
            await asyncio.sleep(self._watch_seconds)
            if child.left.is_set():
                await asyncio.sleep(self._drain_seconds + _LAST_SECONDS)
                break
            if child.ready:
                silent = 0 if await child.answers(self._watch_seconds) else silent + 1
        log.error("worker_hangs", extra={"worker": child.name, "pid": child.pid})
        child.kill()

    async def _gather(self, asker: Employed, number: int) -> None:
        ready = [child for child in self.places if child is not None and child.ready]
        workers = await gather_metrics(ready)
        own = own_metrics(len(self.places), len(ready), self._started)
        asker.tell(Gathered(number, workers, own))

    async def _stop(self) -> None:
        """Close the port and have the workers finish; who does not in time is killed."""
        for child in self._children:
            child.terminate()
        self.stand_in.entrance.close()
        for door in self._doors:
            door.close()
        if self._children:
            await asyncio.wait(self._children.values(), timeout=self._drain_seconds + _LAST_SECONDS)
        for child in self._children:
            log.warning("worker_killed", extra={"worker": child.name, "pid": child.pid})
            child.kill()
        await self.stand_in.bare.drain(0.0)
