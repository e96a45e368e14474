"""What an edge counts of what it serves, and how it tells."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter

import pytest

from pennon.edge.collector import Collector
from pennon.edge.ofrep import FLAGS_PATH
from pennon.errors import NotReady
from pennon.model.context import Context
from pennon.model.flag import ClientSide, Flag
from pennon.relay.backlog import MemoryBacklog
from pennon.relay.backoff import Backoff
from pennon.relay.postbox import Postbox
from tests.builders.edge import CLIENT, SERVER, AnEdge
from tests.builders.events import Taken, a_parcel, an_answer, an_exposure
from tests.builders.flags import a_flag
from tests.builders.origin import NOON, Clock
from tests.builders.relay import SHOP

ADA = {"targetingKey": "ada"}


class Full(MemoryBacklog):
    """A backlog on a disk that is full for a while."""

    full = True

    def add(self, name: str, data: bytes) -> None:
        if self.full:
            raise OSError("no space left")
        super().add(name, data)


def a_collector(
    taken: Taken, clock: Clock | None = None, backlog: MemoryBacklog | None = None
) -> Collector:
    postbox = Postbox(backlog or MemoryBacklog(), taken, Backoff(lambda: 0.0))
    return Collector("edge-1", postbox, clock or Clock(), every=3600.0)


def told(taken: Taken) -> dict[tuple[str, int, str, str | None], int]:
    """Return what was told: how often, by environment, minutes since noon, flag and variation."""
    found = Counter[tuple[str, int, str, str | None]]()
    for batch in taken.batches:
        for environment, counts in batch.counts.items():
            for one in counts:
                minute = (one.minute - NOON) // 60_000
                found[environment, minute, one.flag, one.variation] += one.count
    return dict(found)


class TestCollector:
    async def test_told_at_the_end(self) -> None:
        """A node that stops tells what it has counted."""
        taken = Taken()
        collector = a_collector(taken)
        async with collector.running():
            collector.count(SHOP, an_answer())
            collector.count_all("shop/staging", [an_answer(), an_answer(variation=None)])

        assert told(taken) == {
            (SHOP, 0, "checkout", "on"): 1,
            ("shop/staging", 0, "checkout", "on"): 1,
            ("shop/staging", 0, "checkout", None): 1,
        }
        assert [(batch.node, batch.at) for batch in taken.batches] == [("edge-1", NOON)]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def test_nothing_to_tell(self) -> None:
        """Nobody is told of nothing."""
        taken = Taken()
        async with a_collector(taken).running():
            pass

        assert taken.batches == []

    async def test_minutes(self) -> None:
        """Each evaluation is told of in its own minute."""
        taken, clock = Taken(), Clock()
        collector = a_collector(taken, clock)
        async with collector.running():
            collector.count(SHOP, an_answer())
            clock.now += 60_000
            collector.tick()
            collector.count(SHOP, an_answer())
            collector.count("shop/staging", an_answer())

        assert {(environment, minute) for environment, minute, *_ in told(taken)} == {
            (SHOP, 0),
            (SHOP, 1),
            ("shop/staging", 1),
        }

    async def test_parent_away(self) -> None:
        """What cannot be sent now is kept, and the next process sends it: once."""
        backlog, away = MemoryBacklog(), NotReady("away")
        collector = a_collector(Taken(away, away), backlog=backlog)
        async with collector.running():
            collector.count(SHOP, an_answer())
        taken = Taken()
        for _ in range(2):
            async with a_collector(taken, backlog=backlog).running():
                pass

        assert taken.total == 1

    async def test_full_disk(self) -> None:
        """What cannot be kept is counted on, and told of when there is room."""
        taken, backlog = Taken(), Full()
        collector = a_collector(taken, backlog=backlog)
        async with collector.running():
            collector.count(SHOP, an_answer())
            await collector.cut()
            collector.count(SHOP, an_answer())
            backlog.full = False

        assert told(taken) == {(SHOP, 0, "checkout", "on"): 2}

    async def test_forgets(self) -> None:
        """Environments that nobody asks about any more take no memory."""
        collector = a_collector(Taken())
        for number in range(100):
            collector.count(f"shop/e{number}", an_answer())
        await collector.cut()
        await collector.cut()

        assert collector._tallies == {}


class Slow(MemoryBacklog):
    """A backlog on a disk that is at it for as long as a test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self.go_on = threading.Event()

    def add(self, name: str, data: bytes) -> None:
        self._loop.call_soon_threadsafe(self.began.set)
        assert self.go_on.wait(60.0)
        super().add(name, data)


def see(collector: Collector, *keys: str) -> None:
    """Have a flag, all of whose exposures are tracked, serve so many."""
    flag = a_flag("checkout", track="all")
    for key in keys:
        collector.expose(SHOP, flag, an_answer(), Context({"user": {"key": key}}))


def told_of(taken: Taken) -> list[str]:
    """Return who was told of as exposed."""
    return [one.unit.key for batch in taken.once for one in batch.exposures.get(SHOP, ())]


class TestExposures:
    async def test_told_at_the_end(self) -> None:
        """A node that stops tells whom it has served."""
        taken = Taken()
        collector = a_collector(taken)
        async with collector.running():
            see(collector, "ada", "bob", "ada")

        assert told_of(taken) == ["ada", "bob"]

    async def test_full_disk(self) -> None:
        """What cannot be kept is told of when there is room, and once."""
        taken, backlog = Taken(), Full()
        collector = a_collector(taken, backlog=backlog)
        async with collector.running():
            see(collector, "ada")
            await collector.cut()
            see(collector, "ada", "bob")
            backlog.full = False

        assert sorted(told_of(taken)) == ["ada", "bob"]

    async def test_window(self) -> None:
        """After the window it is told again, which says that it still goes on."""
        taken = Taken()
        postbox = Postbox(MemoryBacklog(), taken, Backoff(lambda: 0.0))
        collector = Collector("edge-1", postbox, Clock(), every=3600.0, window=60.0)
        async with collector.running():
            see(collector, "ada")
            collector.exposures.tick(time.monotonic() + 61.0)
            see(collector, "ada")

        assert told_of(taken) == ["ada", "ada"]

    async def test_window_of_clients(self) -> None:
        """However often a client tells of it meanwhile."""
        taken = Taken()
        postbox = Postbox(MemoryBacklog(), taken, Backoff(lambda: 0.0))
        collector = Collector("edge-1", postbox, Clock(), every=3600.0, window=60.0)
        parcels = [a_parcel(exposures=(an_exposure("ada"),)) for _ in range(3)]
        async with collector.running():
            began = time.monotonic()
            for after, parcel in zip((0.0, 31.0, 62.0), parcels, strict=True):
                collector.exposures.tick(began + after)
                await collector.tell(SHOP, {"exposures": parcel})

        told = [parcel.id for batch in taken.once for parcel in batch.parcels[SHOP]]
        assert told == [parcels[0].id, parcels[2].id]

    async def test_stopped_in_the_midst(self) -> None:
        """A node that stops while it writes finishes that, and tells of what came since."""
        taken, backlog = Taken(), Slow()
        collector = a_collector(taken, backlog=backlog)
        async with collector.running():
            collector.count(SHOP, an_answer())
            see(collector, "ada")
            collector.exposures.many.set()
            async with asyncio.timeout(60.0):
                await backlog.began.wait()
            see(collector, "bob")
            asyncio.get_running_loop().call_soon(backlog.go_on.set)

        assert (taken.total, sorted(told_of(taken))) == (1, ["ada", "bob"])


class TestOfrep:
    """What is counted of what OFREP serves."""

    async def ask(self, *flags: Flag, path: str, key: str = SERVER) -> Taken:
        taken = Taken()
        collector = a_collector(taken)
        edge = AnEdge(*flags, counter=collector)
        async with collector.running():
            await edge.post(path, {"context": ADA}, key=key)
        return taken

    async def test_single(self) -> None:
        """One flag is asked for, one answer is counted."""
        taken = await self.ask(a_flag("f"), a_flag("g"), path=f"{FLAGS_PATH}/f")

        assert [(flag, count) for (_, _, flag, _), count in told(taken).items()] == [("f", 1)]

    async def test_bulk(self) -> None:
        """All flags are asked for that the key may see."""
        seen = a_flag("f", client_side=ClientSide(web=True))
        taken = await self.ask(seen, a_flag("g"), path=FLAGS_PATH, key=CLIENT)

        assert [(flag, count) for (_, _, flag, _), count in told(taken).items()] == [("f", 1)]

    @pytest.mark.parametrize("key", [SERVER, CLIENT])
    async def test_not_served(self, key: str) -> None:
        """A flag that there is not, or not for that key, is not counted."""
        flag = "none" if key == SERVER else "f"
        taken = await self.ask(a_flag("f"), path=f"{FLAGS_PATH}/{flag}", key=key)

        assert told(taken) == {}

    async def test_not_modified(self) -> None:
        """A 304 evaluates nothing, and nothing is counted."""
        taken = Taken()
        collector = a_collector(taken)
        edge = AnEdge(a_flag("f"), counter=collector)
        async with collector.running():
            first = await edge.all(ADA)
            again = await edge.all(ADA, if_none_match=first.headers["etag"])

        assert (again.status, taken.total) == (304, 1)
