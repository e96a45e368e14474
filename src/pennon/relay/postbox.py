"""Sends batches of events to the parent, as they are, until it has said that it took them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx2

from pennon.errors import BadInput, NotReady
from pennon.model.batch_names import Dropped
from pennon.relay.backlog import Backlog
from pennon.relay.backoff import Backoff
from pennon.relay.retry_after import retry_after
from pennon.relay.uplink import REFUSED

T = TypeVar("T")

log = logging.getLogger(__name__)

EVENTS_PATH: Final = "/sync/v1/events"
ZSTD: Final = "zstd"
MOST_WAITING: Final = 64
"""How many batches of followers a node passes up at once."""

_LONGEST_WAIT: Final = 300.0
_ZSTD_BEGINS: Final = b"\x28\xb5\x2f\xfd"

Send = Callable[[bytes], Awaitable[None]]
"""Hands over a packed batch. Raises NotReady to be asked again, BadInput when it is refused."""


class EventUplink:
    """Posts batches to the parent, whose address *url* returns at the time."""

    def __init__(self, client: httpx2.AsyncClient, url: Callable[[], str], key: str) -> None:
        self._client, self._url = client, url
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
        }
        self._waiting = 0

    async def send(self, data: bytes) -> None:
        """
        Hand over a batch; when this returns the parent has it, and all above it have.

        Raises NotReady when it could not be handed over now, and BadInput when it never can.
        """
        if self._waiting >= MOST_WAITING:
            raise NotReady("Too many batches are on their way up.", retry_after=5.0)
        self._waiting += 1
        try:
            answer = await self._client.post(
                self._url().rstrip("/") + EVENTS_PATH,
                content=data,
                headers={**self._headers, "Content-Encoding": packed_with(data)},
                timeout=15.0,
            )
        except httpx2.HTTPError as error:
            raise NotReady(f"The parent did not answer: {type(error).__name__}.", 5.0) from None
        finally:
            self._waiting -= 1
        if answer.status_code in REFUSED:
            raise BadInput.at("$", f"the parent refused the batch with {answer.status_code}")
        if answer.status_code != 202:
            wait = retry_after(answer.headers)
            raise NotReady(
                f"The parent answered {answer.status_code}.", 1.0 if wait is None else wait
            )


def packed_with(data: bytes) -> str:
    """Return how a batch is packed: with zstd, or gzip as other versions left them on disk."""
    return ZSTD if data.startswith(_ZSTD_BEGINS) else "gzip"


class Postbox:
    """
    Empties a backlog into *send*, one batch at a time, oldest first.

    Disk and network are waited for elsewhere: what it does on the event loop is short.
    """

    def __init__(
        self,
        backlog: Backlog,
        send: Send,
        backoff: Backoff,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._backlog, self._send, self._backoff, self._sleep = backlog, send, backoff, sleep
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._news.set()  # what an earlier process has left

    @property
    def dropped(self) -> Dropped:
        """How many batches went without being sent, by what they held and why."""
        return self._backlog.dropped

    @property
    def waiting(self) -> int:
        """How many batches wait to be sent."""
        return self._backlog.waiting

    async def put(self, name: str, data: bytes) -> None:
        """Keep a batch until it is sent. Raises OSError when there is nowhere to keep it."""
        await self._ask(self._backlog.add, name, data)
        self._news.set()

    async def run(self) -> None:
        """Keep sending until cancelled; a parent that is away costs nothing but a retry."""
        while True:
            await self._news.wait()
            self._news.clear()
            while (wait := await self.send_all()) is not None:
                await self._sleep(min(wait + self._backoff.next(), _LONGEST_WAIT))

    async def send_all(self) -> float | None:
        """Send what there is; return None when that is all, else how long the parent wishes."""
        while (batch := await self._ask(self._backlog.oldest)) is not None:
            name, data = batch
            try:
                await self._send(data)
            except NotReady as error:
                log.info("events_not_sent", extra={"reason": str(error)})
                return error.retry_after
            except BadInput as error:
                log.warning("events_refused", extra={"batch": name, "reason": str(error)})
                await self._ask(self._backlog.drop, name, "refused")
            else:
                self._backoff.reset()
                await self._ask(self._backlog.remove, name)
        return None

    async def _ask(self, what: Callable[..., T], *arguments: object) -> T:
        """Use the backlog, which may be a disk, in a thread; one call at a time."""
        async with self._turn:
            return await asyncio.to_thread(what, *arguments)
