"""
What clients tell, kept before they are answered.

Parcels that come within a moment are written together, as one batch on disk, and all of their
senders are answered then: what was answered survives the end of the process.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from pennon.errors import NotReady
from pennon.model.batch_names import Sort, name_of
from pennon.model.events import Parcel
from pennon.relay.batches import parcel_batches
from pennon.relay.postbox import Postbox
from pennon.web.packing import pack

log = logging.getLogger(__name__)

LINGER_SECONDS: Final = 0.1
"""For how long the first waits for others, for each batch that waits to be sent."""
LONGEST_LINGER: Final = 2.0
MOST_BYTES: Final = 8 * 1024 * 1024
"""How much may wait to be written; whoever comes beyond that is asked to come back."""
_RETRY_SECONDS: Final = 5.0

Parcels = Mapping[Sort, Parcel]
_encode = msgspec.json.Encoder().encode


class Deliveries:
    """Writes parcels into *postbox*; *clock* gives epoch milliseconds as the parent has them."""

    def __init__(
        self,
        node: str,
        postbox: Postbox,
        clock: Callable[[], int],
        *,
        random: Callable[[int], bytes] = secrets.token_bytes,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._node, self._postbox, self._clock = node, postbox, clock
        self._random, self._sleep = random, sleep
        self._waiting: list[_Delivery] = []
        self._bytes = 0
        self._news = asyncio.Event()

    async def deliver(self, environment: str, parcels: Parcels) -> None:
        """Return once *parcels* are kept. Raises NotReady when they could not be."""
        if not parcels:
            return
        size = sum(len(_encode(parcel)) for parcel in parcels.values())
        if self._bytes + size > MOST_BYTES:
            raise NotReady("Too many events wait to be written.", _RETRY_SECONDS)
        delivery = _Delivery(environment, parcels, size)
        self._waiting.append(delivery)
        self._bytes += size
        self._news.set()
        await delivery.kept

    async def run(self) -> None:
        """Keep what comes, until cancelled."""
        while True:
            await self._news.wait()
            # The slower the way up, the larger the batches: else they would heap up on the disk.
            waiting = max(1, self._postbox.waiting)
            await self._sleep(min(LINGER_SECONDS * waiting, LONGEST_LINGER))
            await self.keep()

    async def keep(self) -> None:
        """Write what waits, and answer those who do."""
        self._news.clear()
        group, self._waiting = self._waiting, []
        try:
            for sort in _SORTS:
                await self._keep(sort, group)
            for delivery in group:
                delivery.settle()
        except OSError as error:
            log.warning("events_not_kept", extra={"reason": str(error)})
        finally:
            self._bytes -= sum(delivery.size for delivery in group)
            for delivery in group:
                delivery.give_up()

    async def _keep(self, sort: Sort, group: Sequence[_Delivery]) -> None:
        told: dict[str, list[Parcel]] = {}
        for delivery in group:
            if sort in delivery.parcels:
                told.setdefault(delivery.environment, []).append(delivery.parcels[sort])
        batches = parcel_batches(told, node=self._node, at=self._clock(), random=self._random)
        for batch in batches:
            await self._postbox.put(name_of(batch, sort), await asyncio.to_thread(pack, batch))


_SORTS: Final[tuple[Sort, ...]] = ("counts", "exposures", "custom")


@dataclass(frozen=True, slots=True)
class _Delivery:
    """Parcels, their size, and who waits for them to be kept."""

    environment: str
    parcels: Parcels
    size: int
    kept: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def settle(self) -> None:
        if not self.kept.done():
            self.kept.set_result(None)

    def give_up(self) -> None:
        """Have the sender try again, unless it was kept."""
        if not self.kept.done():
            self.kept.set_exception(NotReady("The events could not be kept.", _RETRY_SECONDS))
