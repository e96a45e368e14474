"""One follower's seat: what it is told, when, and how that ends."""

from __future__ import annotations

import logging
from typing import Protocol

from pennon.model.access import AccessKey
from pennon.model.position import Position
from pennon.relay.sse import COMMENT
from pennon.relay.tail import Tail
from pennon.web.handler import Piece, Sink

log = logging.getLogger(__name__)


class Hall(Protocol):
    """What the seats of a node share; see `pennon.web.stream.Streams`."""

    @property
    def keys_position(self) -> Position | None:
        """Where `$access` stands."""
        ...

    @property
    def draining(self) -> bool:
        """Whether everybody is to leave."""
        ...

    def still_valid(self, key: AccessKey) -> bool: ...
    def heartbeats(self, tail: Tail) -> bytes: ...
    def goodbye(self) -> bytes: ...
    def enter(self, seat: Seat) -> None: ...
    def leave(self, seat: Seat) -> None: ...
    def count_busy(self, change: int) -> None: ...


class Seat:
    """
    Fills one follower's stream; there is no task behind it, and nothing here waits.

    It writes for as long as the follower takes it, and goes on from its cursors once that is so
    again. The key is looked at whenever `$access` has moved.
    """

    __slots__ = ("_busy", "_checked", "_free", "_hall", "_key", "_last_words", "_sink", "_tail")

    def __init__(self, hall: Hall, key: AccessKey, tail: Tail) -> None:
        self._hall, self._key, self._tail = hall, key, tail
        self._sink: Sink | None = None
        self._checked: Position | None = None
        self._free = True
        self._busy = False
        self._last_words: bytes | None = None

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments that are followed here."""
        return self._tail.environments

    def open(self, sink: Sink) -> None:
        """Take the seat."""
        self._sink = sink
        self._hall.enter(self)
        self.look()

    def resume(self) -> None:
        """Go on: the follower has taken what it was told."""
        self._free = True
        self.look()

    def close(self) -> None:
        """Give the seat back."""
        self._sink = None
        self._set_busy(False)
        self._hall.leave(self)

    def look(self) -> None:
        """Tell what there is to tell by now."""
        position = self._hall.keys_position
        moved = position is not self._checked
        self._checked = position
        if moved and not self._hall.still_valid(self._key):
            self._end()
            return
        if self._hall.draining and self._last_words is None:
            self._last_words = self._hall.goodbye()
        self._tell()
        if moved:
            self._leave_what_is_abandoned()

    def comment(self) -> None:
        """Say that the stream lives, unless it may not: a key may have run out meanwhile."""
        if not self._hall.still_valid(self._key):
            self._end()
            return
        self._leave_what_is_abandoned()
        if self._free:
            self._write(COMMENT)

    def heartbeat(self) -> None:
        """Say where the node stands, once all that leads there has been told."""
        self.look()
        if self._free:
            self._write(self._hall.heartbeats(self._tail))

    def _tell(self) -> None:
        if self._sink is None:
            return
        try:
            while self._free and (piece := self._tail.next()) is not None:
                self._write(piece)
        except Exception:
            # Half an event cannot be taken back; an end that is no end tells the client so.
            log.exception("stream_failed", extra={"environments": self.environments})
            self._sink.abort()
            return
        self._set_busy(self._tail.in_midst)
        if self._free and self._last_words is not None:
            self._write(self._last_words)
            self._end()

    def _leave_what_is_abandoned(self) -> None:
        # `$access` said why, and the follower comes back without waiting to be asked.
        if self._last_words is None and self._tail.abandoned:
            self._last_words = b""
            self._tell()

    def _write(self, piece: Piece) -> None:
        if piece and self._sink is not None:
            self._free = self._sink.write(piece)

    def _end(self) -> None:
        if self._sink is not None:
            self._free = False
            self._sink.end()

    def _set_busy(self, busy: bool) -> None:
        if busy is not self._busy:
            self._busy = busy
            self._hall.count_busy(1 if busy else -1)
