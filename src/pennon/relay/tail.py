"""One follower's place in the streams of several environments: a cursor each, and no queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from pennon.model.codec import format_digest
from pennon.model.messages import Heartbeat
from pennon.model.position import Position
from pennon.relay.replica import Replica
from pennon.relay.sse import format_event

_encode = msgspec.json.Encoder().encode

PIECE_BYTES = 64 * 1024
"""The most that is given out at once."""


class Tail:
    """
    What one follower still has to be told, worked out from the replicas whenever it can be sent.

    A slow follower holds nothing up and costs no memory: its cursor stays where it is, and once
    the run of frames no longer reaches back to it, the whole environment takes their place.
    A follower that is ahead (its last parent was faster) is told where this node stands and
    nothing else, until this node has caught up.

    *cursors* are the positions that the follower holds, in the order of *replicas*.
    """

    __slots__ = ("_cursors", "_replicas", "_unsent")

    def __init__(self, cursors: Mapping[str, Position | None], replicas: Sequence[Replica]) -> None:
        self._replicas = tuple(replicas)
        self._cursors = [cursors[replica.environment] for replica in replicas]
        self._unsent: Iterator[bytes | memoryview] | None = None

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments that are followed."""
        return tuple(replica.environment for replica in self._replicas)

    @property
    def in_midst(self) -> bool:
        """Whether something large has begun and is not given out to its end."""
        return self._unsent is not None

    @property
    def abandoned(self) -> bool:
        """Whether the node follows one of the environments no longer."""
        return any(replica.forgotten for replica in self._replicas)

    def open_with(self, events: Iterable[bytes]) -> None:
        """Let *events* come before all else."""
        self._unsent = pieces(events)

    def next(self) -> bytes | memoryview | None:
        """
        Return the next piece that the follower lacks, and move past it; None when it lacks none.

        Of a single change it is the same object for all followers, and of something large a view
        of one.
        """
        while True:
            if self._unsent is not None:
                piece = next(self._unsent, None)
                if piece is not None:
                    return piece
                self._unsent = None
            news = self._news()
            if not news:
                return None
            if len(news) == 1 and len(news[0]) <= PIECE_BYTES:
                return news[0]
            self._unsent = pieces(news)

    def heartbeats(
        self,
        now_ms: int,
        *,
        fresh: Callable[[str], bool] = lambda environment: True,
        only_silent: bool = False,
    ) -> bytes:
        """
        Return a heartbeat for each environment that is *fresh* here, at *now_ms* of epoch time.

        With *only_silent*, for those alone that `next` has nothing for: the greeting of a
        follower that connects up to date, or ahead.
        """
        return b"".join(
            heartbeat(replica, now_ms)
            for replica, cursor in zip(self._replicas, self._cursors, strict=True)
            if replica.position is not None
            and fresh(replica.environment)
            and not (only_silent and (cursor is None or cursor < replica.position))
        )

    def _news(self) -> list[bytes]:
        """Return what comes next in each environment, and move the cursors past it."""
        news: list[bytes] = []
        # One who is up to date holds the replica's own position: that much is seen at a glance.
        for index, replica in enumerate(self._replicas):
            if replica.position is not self._cursors[index]:
                event, self._cursors[index] = _after(replica, self._cursors[index])
                if event:
                    news.append(event)
        return news


def _after(replica: Replica, cursor: Position | None) -> tuple[bytes, Position | None]:
    """Return what a follower at *cursor* is told next, and its cursor then."""
    position = replica.position
    if cursor is not None:
        if position is None or cursor > position:
            return b"", cursor
        if cursor == position:
            return b"", position
        some = replica.run.next(cursor, PIECE_BYTES)
        if some is not None:
            return some
    return (b"", None) if position is None else (replica.full_sync(), position)


def pieces(events: Iterable[bytes]) -> Iterator[bytes | memoryview]:
    """
    Yield *events* in pieces of a size that a server may hold for one slow follower.

    A whole environment may have megabytes; its pieces are views of the one object that every
    follower is sent from.
    """
    small: list[bytes] = []
    size = 0
    for event in events:
        if size + len(event) > PIECE_BYTES and small:
            yield b"".join(small)
            small, size = [], 0
        if len(event) > PIECE_BYTES:
            view = memoryview(event)
            for start in range(0, len(event), PIECE_BYTES):
                yield view[start : start + PIECE_BYTES]
        elif event:
            small.append(event)
            size += len(event)
    if small:
        yield b"".join(small)  # of a single event: the very object that all followers are sent


def heartbeat(replica: Replica, now_ms: int) -> bytes:
    """Return the event that says where *replica* stands."""
    assert replica.position is not None
    body = Heartbeat(
        environment=replica.environment,
        epoch=replica.position.epoch,
        version=replica.position.version,
        digest=format_digest(replica.digest),
        time=now_ms,
    )
    return format_event("heartbeat", _encode(body), str(replica.position))
