"""A supervisor with workers that are no processes: who is replaced, and who takes connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest

from pennon.edge.workers.channel import Gathered
from pennon.edge.workers.employed import Employed
from pennon.edge.workers.families import Family
from pennon.edge.workers.supervisor import CannotStart, Supervisor
from pennon.web import server

PATIENCE = 10.0


class Fake:
    """A worker that does what a test says."""

    def __init__(self, index: int, moved: Callable[[], None]) -> None:
        self.name, self.index, self.pid = f"w{index}", index, 1000 + index
        self.environments: tuple[str, ...] = ()
        self.left, self._moved = asyncio.Event(), moved
        self._gone, self._settled = asyncio.Event(), asyncio.Event()
        self.code: int | None = None
        self.served_seconds = 0.0
        self.said_ready = self.terminated = self.hangs = False
        self.doors: tuple[int, ...] = ()

    @property
    def ready(self) -> bool:
        return self.said_ready and not self.left.is_set()

    def say_ready(self) -> None:
        self.said_ready, self.environments = True, ("shop/production",)
        self._settled.set()
        self._moved()

    def end(self, code: int = 0) -> None:
        """Be gone."""
        self.code = code
        self.left.set()
        self._settled.set()
        self._gone.set()

    async def attend(self, gather: Callable[[Employed, int], object]) -> None:
        await self._gone.wait()
        self._moved()

    async def until_ready(self, seconds: float) -> bool:
        await self._settled.wait()
        return self.ready

    def serve(self, doors: tuple[int, ...]) -> None:
        self.doors = doors

    async def answers(self, seconds: float) -> bool:
        return not self.hangs

    async def collect(self, seconds: float) -> tuple[Family, ...] | None:
        return ()

    def tell(self, gathered: Gathered) -> None: ...

    def terminate(self) -> None:
        self.terminated = True
        self.end()

    def kill(self) -> None:
        self.end(-9)


class Office:
    """A supervisor of *count* workers that runs, and all whom it has ever started."""

    def __init__(self, count: int) -> None:
        self.started: list[Fake] = []
        self.announced: list[tuple[str, ...]] = []
        self.stopped, self.reload = asyncio.Event(), asyncio.Event()
        doors = server.bind_doors("127.0.0.1", 0, count)
        self.url = server.url_of(doors[0])
        self.supervisor = Supervisor(
            doors,
            self._start,
            drain_seconds=1.0,
            announce=lambda environments: self.announced.append(tuple(environments)),
            random=lambda: 0.0,
            watch_seconds=0.001,
        )

    async def _start(self, index: int, moved: Callable[[], None]) -> Employed:
        worker = Fake(index, moved)
        self.started.append(worker)
        return worker

    async def until(self, holds: Callable[[], bool]) -> None:
        """Let the event loop run until *holds*."""
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110  # whatever it is, nobody sets an event for it
                await asyncio.sleep(0.001)

    async def all_ready(self) -> None:
        """Have every worker be ready, and its place be known."""
        await self.until(lambda: len(self.started) == len(self.supervisor.places))
        for worker in self.started:
            worker.say_ready()
        await self.until(lambda: bool(self.announced))


@asynccontextmanager
async def an_office(count: int = 2) -> AsyncIterator[Office]:
    """Run a supervisor for the length of a block."""
    office = Office(count)
    running = asyncio.create_task(office.supervisor.run(office.stopped, office.reload))
    try:
        await office.until(lambda: len(office.supervisor.stand_in.entrance.doors) == count)
        yield office
    finally:
        office.stopped.set()
        await running


class TestStarting:
    async def test_it_is_announced_when_all_are_ready(self) -> None:
        """One that is ready serves at once, at all doors; the node is announced with the last."""
        async with an_office() as office:
            await office.until(lambda: len(office.started) == 2)
            first, second = office.started
            first.say_ready()
            await office.until(lambda: first.doors == (0, 1))

            assert office.announced == []
            second.say_ready()
            await office.until(lambda: bool(office.announced))
            assert (first.doors, second.doors) == ((0,), (1,))
            assert office.announced == [("shop/production",)]

    async def test_nobody_is_ready_yet(self) -> None:
        """Meanwhile the node lives and is not ready, and whoever asks more comes back later."""
        async with an_office() as office, httpx2.AsyncClient() as client:
            live = await client.get(f"{office.url}/healthz/live")
            ready = await client.get(f"{office.url}/healthz/ready")
            asked = await client.post(f"{office.url}/ofrep/v1/evaluate/flags")

        assert [live.status_code, ready.status_code, asked.status_code] == [200, 503, 503]
        assert "retry-after" in asked.headers
        assert asked.headers["connection"] == "close"

    async def test_none_can_start(self) -> None:
        """A worker that ends by itself before any was ready would do so again."""
        office = Office(2)
        running = asyncio.create_task(office.supervisor.run(office.stopped, office.reload))
        await office.until(lambda: len(office.started) == 2)
        office.started[0].end(2)

        with pytest.raises(CannotStart, match="exit code 2"):
            await running
        assert office.started[1].terminated

    async def test_told_to_stop_meanwhile(self) -> None:
        """A signal before anybody is ready ends those who are being started."""
        async with an_office() as office:
            await office.until(lambda: len(office.started) == 2)

        assert all(worker.terminated for worker in office.started)


class TestDying:
    async def test_one_is_replaced(self) -> None:
        """Another takes over its door at once, until its successor is ready."""
        async with an_office() as office:
            await office.all_ready()
            first, second = office.started
            first.end(-9)
            await office.until(lambda: second.doors == (1, 0))
            await office.until(lambda: len(office.started) == 3)

            assert office.started[2].doors == ()
            office.started[2].say_ready()
            await office.until(lambda: office.started[2].doors == (0,))
            await office.until(lambda: second.doors == (1,))

    async def test_one_that_is_never_ready(self) -> None:
        """It gets no door, and keeps none from the others."""
        async with an_office() as office:
            await office.until(lambda: len(office.started) == 2)
            office.started[1].say_ready()
            await office.until(lambda: office.started[1].doors == (1, 0))

            assert office.started[0].doors == ()

    async def test_one_hangs(self) -> None:
        """It is ended and replaced, since it would keep those who come by its door waiting."""
        async with an_office() as office:
            await office.all_ready()
            office.started[0].hangs = True
            await office.until(lambda: len(office.started) == 3)

            assert office.started[0].code == -9

    async def test_all_at_once(self) -> None:
        """Nobody is left in the queue: the supervisor says that the node is not ready."""
        async with an_office() as office, httpx2.AsyncClient() as client:
            await office.all_ready()
            for worker in tuple(office.started):
                worker.end(1)
            answer = await client.get(f"{office.url}/healthz/ready")

        assert answer.status_code == 503


class TestReloading:
    async def test_one_after_the_other(self) -> None:
        """A new worker takes over as soon as it is ready, and only then does the old one leave."""
        async with an_office() as office:
            await office.all_ready()
            first, second = office.started
            office.reload.set()
            await office.until(lambda: len(office.started) == 3)

            assert not first.terminated
            office.started[2].say_ready()
            await office.until(lambda: first.terminated and office.started[2].doors == (0,))
            await office.until(lambda: len(office.started) == 4)
            assert not second.terminated
            office.started[3].say_ready()
            await office.until(lambda: second.terminated and office.started[3].doors == (1,))

    async def test_new_ones_that_cannot_start(self) -> None:
        """The old ones go on."""
        async with an_office() as office:
            await office.all_ready()
            first, second = office.started
            office.reload.set()
            await office.until(lambda: len(office.started) == 3)
            office.started[2].end(1)
            await office.until(lambda: not office.reload.is_set())

            assert [first.terminated, second.terminated] == [False, False]
            assert (first.doors, second.doors) == ((0,), (1,))

    async def test_told_to_stop_meanwhile(self) -> None:
        """The new one, which nobody waits for any more, ends as well."""
        async with an_office() as office:
            await office.all_ready()
            office.reload.set()
            await office.until(lambda: len(office.started) == 3)

        assert all(worker.terminated for worker in office.started)

    async def test_an_old_one_dies_meanwhile(self) -> None:
        """Its place is already being filled."""
        async with an_office() as office:
            await office.all_ready()
            office.reload.set()
            await office.until(lambda: len(office.started) == 3)
            office.started[0].end(-9)
            office.started[2].say_ready()
            await office.until(lambda: len(office.started) == 4)

            assert [worker.index for worker in office.started] == [0, 1, 0, 1]
