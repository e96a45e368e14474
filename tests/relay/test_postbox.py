"""Sending what waits, and keeping what cannot be sent."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from pennon.errors import BadInput, NotReady
from pennon.model.batch_names import name_of
from pennon.relay.backlog import MemoryBacklog
from pennon.relay.backoff import Backoff
from pennon.relay.postbox import MOST_WAITING, EventUplink, Postbox
from pennon.web.packing import pack
from tests.builders.events import Taken, a_batch, a_count

AWAY = NotReady("away", retry_after=7.0)


def a_postbox(taken: Taken, backlog: MemoryBacklog | None = None) -> Postbox:
    return Postbox(backlog or MemoryBacklog(), taken, Backoff(lambda: 0.0))


async def put(postbox: Postbox, *ids: int) -> None:
    for id in ids:
        batch = a_batch(a_count(), id=id, at=id)
        await postbox.put(name_of(batch), pack(batch))


def ids(taken: Taken) -> list[int]:
    return [int(batch.id, 16) for batch in taken.batches]


class TestPostbox:
    async def test_in_order(self) -> None:
        """Everything is sent, the oldest first, and once."""
        taken = Taken()
        postbox = a_postbox(taken)
        await put(postbox, 1, 2)
        assert await postbox.send_all() is None
        assert await postbox.send_all() is None

        assert ids(taken) == [1, 2]

    async def test_away(self) -> None:
        """While the parent is away all is kept, and the wish when to come back is obeyed."""
        taken = Taken(AWAY)
        postbox = a_postbox(taken)
        await put(postbox, 1, 2)
        assert await postbox.send_all() == 7.0
        await postbox.send_all()

        assert ids(taken) == [1, 2]

    async def test_refused(self) -> None:
        """A batch that will never be taken does not hold up the others, and is counted."""
        taken, backlog = Taken(BadInput.at("$", "no")), MemoryBacklog()
        postbox = a_postbox(taken, backlog)
        await put(postbox, 1, 2)
        await postbox.send_all()

        assert (ids(taken), backlog.dropped) == ([2], {("counts", "refused"): 1})

    async def test_runs(self) -> None:
        """It sends as soon as there is something, and again after what went wrong."""
        slept: list[float] = []
        done = asyncio.Event()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            done.set()

        taken = Taken(AWAY)
        postbox = Postbox(MemoryBacklog(), taken, Backoff(lambda: 0.0), sleep=sleep)
        running = asyncio.create_task(postbox.run())
        async with asyncio.timeout(5):
            await put(postbox, 1)
            await done.wait()
            await taken.something.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        assert (slept, ids(taken)) == ([7.0], [1])


class TestMemoryBacklog:
    def test_bounded(self) -> None:
        """The oldest goes where there is no room, and is counted."""
        backlog = MemoryBacklog(most_bytes=10)
        for name in "abc":
            backlog.add(name, b"12345")

        assert (backlog.oldest(), backlog.dropped) == (("b", b"12345"), {("counts", "no_room"): 1})


class TestUplink:
    async def send(self, status: int, **headers: str) -> None:
        def answer(request: httpx2.Request) -> httpx2.Response:
            assert request.headers["content-encoding"] == "gzip"
            assert request.url.path == "/sync/v1/events"
            return httpx2.Response(status, headers=headers)

        transport = httpx2.MockTransport(answer)
        async with httpx2.AsyncClient(transport=transport) as client:
            await EventUplink(client, lambda: "http://parent.test/", "key").send(b"batch")

    async def test_taken(self) -> None:
        """202 is the parent's word."""
        await self.send(202)

    @pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 500, 503])
    async def test_not_taken(self, status: int) -> None:
        """Whatever may be otherwise tomorrow is tried again, when the parent wishes."""
        with pytest.raises(NotReady) as caught:
            await self.send(status, **{"Retry-After": "9"})

        assert caught.value.retry_after == 9.0

    @pytest.mark.parametrize("status", [400, 413, 415])
    async def test_refused(self, status: int) -> None:
        """What is wrong with the batch itself will be wrong tomorrow."""
        with pytest.raises(BadInput):
            await self.send(status)

    async def test_no_answer(self) -> None:
        """Nobody there is not ready either."""

        def fail(request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("nobody")

        async with httpx2.AsyncClient(transport=httpx2.MockTransport(fail)) as client:
            with pytest.raises(NotReady):
                await EventUplink(client, lambda: "http://parent.test", "key").send(b"batch")

    async def test_at_most_so_many_at_once(self) -> None:
        """A node holds no more of its followers' batches than it has promised."""
        leave, waiting = asyncio.Event(), asyncio.Semaphore(0)

        async def hold(request: httpx2.Request) -> httpx2.Response:
            waiting.release()
            await leave.wait()
            return httpx2.Response(202)

        async with httpx2.AsyncClient(transport=httpx2.MockTransport(hold)) as client:
            uplink = EventUplink(client, lambda: "http://parent.test", "key")
            sending = [asyncio.create_task(uplink.send(b"")) for _ in range(MOST_WAITING)]
            for _ in sending:
                await waiting.acquire()
            with pytest.raises(NotReady):
                await uplink.send(b"")
            leave.set()
            await asyncio.gather(*sending)
            await uplink.send(b"")
