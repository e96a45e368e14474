"""What reaches further back than a replica's run of frames, asked once for all who need it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from pennon.errors import NotReady
from pennon.model.position import Position
from pennon.relay.replica import Replica

MOST_READS: Final = 8
"""How many different stretches are read at once; who needs another comes back later."""
MOST_KEPT: Final = 64
MOST_KEPT_BYTES: Final = 32 * 1024 * 1024
NOTHING_SECONDS: Final = 2.0
"""How long it is believed that there is nothing: that may be for once only."""


class History(Protocol):
    """A changelog, or a parent."""

    async def between(self, environment: str, start: Position, end: Position) -> bytes | None:
        """Return the frames after *start* up to *end*, or None when they are gone or too many."""
        ...


class Stretch(NamedTuple):
    """Frames, None where there are none to be had; what they lead to; when that was read."""

    frames: bytes | None
    end: Position
    at: float

    def serves(self, replica: Replica, now: float) -> bool:
        """Return whether *replica* goes on where this ends, or it is still true that it is none."""
        if self.frames is None:
            return now < self.at + NOTHING_SECONDS
        return replica.run.covers(self.end)


class SharedHistory:
    """
    Keeps what it read last: after a cut, thousands come back from the same few positions.

    *not_now* makes the error for those who must come back later.
    """

    def __init__(
        self,
        history: History | None,
        not_now: Callable[[str], NotReady],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._history, self._not_now, self._clock = history, not_now, clock
        self._reading: dict[tuple[str, Position], asyncio.Task[Stretch]] = {}
        self._kept: OrderedDict[tuple[str, Position], Stretch] = OrderedDict()

    def may_have(self, replica: Replica, cursor: Position | None) -> bool:
        """Return whether it is to be asked for what *replica* no longer has after *cursor*."""
        held = replica.position
        return (
            self._history is not None
            and held is not None
            and cursor is not None
            and cursor.epoch == held.epoch
            and cursor < held
            and not replica.run.covers(cursor)
        )

    async def after(self, replica: Replica, cursor: Position) -> tuple[bytes, Position] | None:
        """
        Return frames after *cursor* and the position from which *replica* has those that follow.

        None when they are gone or too many. Raises NotReady when too much is being read.
        """
        if not self.may_have(replica, cursor):
            return None
        place = (replica.environment, cursor)
        kept = self._kept.get(place)
        if kept is None or not kept.serves(replica, self._clock()):
            kept = await asyncio.shield(self._read(replica, cursor))
        return None if kept.frames is None else (kept.frames, kept.end)

    def _read(self, replica: Replica, cursor: Position) -> asyncio.Task[Stretch]:
        place = (replica.environment, cursor)
        reading = self._reading.get(place)
        if reading is None:
            if len(self._reading) >= MOST_READS:
                raise self._not_now("Too many followers are being told what they missed.")
            assert self._history is not None
            assert replica.position is not None
            reading = asyncio.create_task(self._ask(place, self._history, replica.position))
            self._reading[place] = reading
        return reading

    async def _ask(self, place: tuple[str, Position], history: History, end: Position) -> Stretch:
        try:
            stretch = Stretch(await history.between(*place, end), end, self._clock())
        finally:
            del self._reading[place]
        self._keep(place, stretch)
        return stretch

    def _keep(self, place: tuple[str, Position], stretch: Stretch) -> None:
        self._kept.pop(place, None)
        self._kept[place] = stretch
        size = sum(len(kept.frames or b"") for kept in self._kept.values())
        while len(self._kept) > MOST_KEPT or size > MOST_KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            size -= len(oldest.frames or b"")
