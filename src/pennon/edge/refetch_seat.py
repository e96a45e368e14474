"""One browser's seat at an event stream: told that there is something new, and no more."""

from __future__ import annotations

from typing import Protocol

from pennon.model.access import AccessKey
from pennon.model.position import Position
from pennon.relay.replica import Replica
from pennon.relay.sse import COMMENT
from pennon.web.handler import Sink
from pennon.web.shares import Holder


class Gallery(Protocol):
    """What the seats of a node share; see `pennon.edge.event_streams.EventStreams`."""

    @property
    def draining(self) -> bool:
        """Whether everybody is to leave."""
        ...

    def still_valid(self, key: AccessKey) -> bool: ...
    def greeting(self) -> bytes: ...
    def event(self, environment: str, position: Position) -> bytes: ...
    def concerns(self, key: AccessKey, environment: str, told: Position) -> bool: ...
    def when_due(self, seat: RefetchSeat) -> None: ...
    def enter(self, seat: RefetchSeat) -> None: ...
    def leave(self, seat: RefetchSeat) -> None: ...


class RefetchSeat:
    """
    Tells a client that was *told* of an environment whenever the replica is past that.

    Several changes are one event: the client asks for everything again. It is not told of changes
    that no flag can be answered otherwise for which its key may see, and a client that has heard
    of more than this node is not told of what it knows.
    """

    __slots__ = ("_free", "_gallery", "_key", "_replica", "_sink", "_told", "holder")

    def __init__(
        self,
        gallery: Gallery,
        key: AccessKey,
        holder: Holder,
        replica: Replica,
        told: Position | None,
    ) -> None:
        self._gallery, self._key, self._replica = gallery, key, replica
        self.holder = holder
        self._told = told
        self._sink: Sink | None = None
        self._free = True

    @property
    def environments(self) -> tuple[str, ...]:
        """The environment that is followed here."""
        return (self._replica.environment,)

    def open(self, sink: Sink) -> None:
        """Take the seat."""
        self._sink = sink
        self._gallery.enter(self)
        self._write(self._gallery.greeting())
        self.look()

    def resume(self) -> None:
        """Go on: the client has taken what it was told."""
        self._free = True
        self.look()

    def close(self) -> None:
        """Give the seat back."""
        self._sink = None
        self._gallery.leave(self)

    def look(self) -> None:
        """Tell of what is new, or end where there is nothing more to be told."""
        if (
            self._gallery.draining
            or self._replica.forgotten
            or not self._gallery.still_valid(self._key)
        ):
            self._end()
            return
        if self._news() is not None:
            self._gallery.when_due(self)

    def tell(self) -> None:
        """Tell of what is new, now that it is this one's turn."""
        held = self._news()
        if held is not None:
            self._told = held
            self._write(self._gallery.event(self._replica.environment, held))

    def _news(self) -> Position | None:
        """Return the position that the client is to be told of, if it is to be told of any."""
        held = self._replica.position
        if not self._free or held is None or held == self._told:
            return None
        if self._told is None:
            return held
        if held < self._told:
            return None
        if self._gallery.concerns(self._key, self._replica.environment, self._told):
            return held
        self._told = held
        return None

    def comment(self) -> None:
        """Say that the stream lives, unless it may not: a key may have run out meanwhile."""
        self.look()
        if self._free:
            self._write(COMMENT)

    def _write(self, piece: bytes) -> None:
        if self._sink is not None:
            self._free = self._sink.write(piece)

    def _end(self) -> None:
        if self._sink is not None:
            self._free = False
            self._sink.end()
