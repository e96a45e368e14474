"""One client's seat at its stream: told what its flags serve, and then what changes of that."""

from __future__ import annotations

from typing import Protocol

from pennon.edge.client_stream.group import Group
from pennon.evaluation.served_state import State
from pennon.model.access import AccessKey
from pennon.relay.sse import COMMENT
from pennon.web.handler import Sink
from pennon.web.shares import Holder


class House(Protocol):
    """What the seats of a node share; see `pennon.edge.client_stream.streams.ClientStreams`."""

    @property
    def draining(self) -> bool:
        """Whether everybody is to leave."""
        ...

    def still_valid(self, key: AccessKey) -> bool: ...
    def greeting(self) -> bytes: ...
    def goodbye(self) -> bytes: ...
    def learn(self, group: Group) -> None: ...
    def enter(self, seat: ClientSeat) -> Group: ...
    def leave(self, seat: ClientSeat) -> None: ...


class ClientSeat:
    """
    Tells a client that *held* something what it lacks, and then each change of its answers.

    Several changes are one event to a client that is slow. One that holds what this node has not
    reached yet is told nothing until it has.
    """

    __slots__ = ("_free", "_held", "_house", "_key", "_sink", "_told", "group", "holder")

    def __init__(
        self, house: House, key: AccessKey, holder: Holder, group: Group, held: State | None
    ) -> None:
        self._house, self._key, self._held = house, key, held
        self.holder, self.group = holder, group
        self._told: int | None = None
        self._sink: Sink | None = None
        self._free = True

    def open(self, sink: Sink) -> None:
        """Take the seat."""
        self._sink = sink
        self.group = self._house.enter(self)
        self._write(self._house.greeting())
        self.look()

    def resume(self) -> None:
        """Go on: the client has taken what it was told."""
        self._free = True
        self.look()

    def close(self) -> None:
        """Give the seat back."""
        self._sink = None
        self._house.leave(self)

    def look(self) -> None:
        """Tell of what is new, or end where there is nothing more to be told."""
        if not self._house.still_valid(self._key) or self.group.is_over:
            self._end()
        elif not self._free:
            return
        elif self._house.draining:
            self._write(self._house.goodbye())
            self._end()
        else:
            self._tell()

    def comment(self) -> None:
        """Say that the stream lives, unless it may not: a key may have run out meanwhile."""
        self.look()
        if self._free:
            self._write(COMMENT)

    def _tell(self) -> None:
        group = self.group
        group.refresh()
        if group.wanted:
            self._house.learn(group)
        if group.asking or group.unsure:
            group.watchers[self] = None
            if group.asking and self._told is None:
                return  # it is not told what may be otherwise in a moment
        if self._told != group.serial:
            self._write(self._news())

    def _news(self) -> bytes:
        told, self._told = self._told, self.group.serial
        if told is not None:
            return self.group.patch(told)
        held = self._held
        if held is not None and self.group.is_behind(held.position):
            self._told = None
            return b""
        self._held = None
        return self.group.go_on(held)

    def _write(self, piece: bytes) -> None:
        if piece and self._sink is not None:
            self._free = self._sink.write(piece)

    def _end(self) -> None:
        if self._sink is not None:
            self._free = False
            self._sink.end()
