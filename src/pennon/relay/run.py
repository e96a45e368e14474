"""The last changes of an environment, as frames ready to be sent: a bounded, dense run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

from pennon.model.codec import EVENT_OF_KIND
from pennon.model.messages import Change
from pennon.model.position import Position
from pennon.relay.sse import format_event


def frame_of(change: Change) -> bytes:
    """Return the event that carries *change*, around the bytes that the origin encoded."""
    return format_event(EVENT_OF_KIND[change.kind], change.data, str(change.position))


class Run:
    """
    Frames of consecutive versions of one epoch, the newest kept.

    Followers read it with a cursor each, so a slow one costs nothing; one that falls behind the
    oldest frame is given the whole environment instead. Bounded in frames and in bytes.
    """

    def __init__(self, max_frames: int = 4096, max_bytes: int = 8 * 1024 * 1024) -> None:
        self._max_frames, self._max_bytes = max_frames, max_bytes
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._last: Position | None = None
        self._shared: tuple[int, bytes, Position] | None = None

    @property
    def size(self) -> int:
        """How many bytes the frames have."""
        return self._bytes

    def clear(self, position: Position | None) -> None:
        """Start again after *position*: what follows it will be the next frame."""
        self._frames.clear()
        self._bytes, self._last, self._shared = 0, position, None

    def append(self, change: Change) -> None:
        """Keep *change*, which must be the next version of the same epoch."""
        frame = frame_of(change)
        self._frames.append(frame)
        self._bytes += len(frame)
        self._last, self._shared = change.position, None
        while len(self._frames) > self._max_frames or (
            self._bytes > self._max_bytes and len(self._frames) > 1
        ):
            self._bytes -= len(self._frames.popleft())

    def covers(self, position: Position) -> bool:
        """Return whether every frame after *position* is here; there may be none."""
        return self._missing(position) is not None

    def after(self, position: Position) -> bytes | None:
        """Return every frame after *position*, joined, or None when the run does not reach back."""
        missing = self._missing(position)
        return None if missing is None else b"".join(self._newest(missing))

    def next(self, position: Position, most_bytes: int) -> tuple[bytes, Position] | None:
        """
        Return some frames after *position*, which has some, and the position that they lead to.

        They are the first that fit into *most_bytes*, at least one; None as with `after`. All who
        stand at one position get the same object, of a single frame the frame itself.
        """
        missing = self._missing(position)
        if missing is None:
            return None
        assert missing
        assert self._last is not None
        if missing == 1:
            return self._frames[-1], self._last
        if self._shared is not None and self._shared[0] == position.version:
            return self._shared[1:]
        taken: list[bytes] = []
        size = 0
        for frame in self._newest(missing):
            size += len(frame)
            if taken and size > most_bytes:
                break
            taken.append(frame)
        reached = Position(position.epoch, position.version + len(taken))
        if reached == self._last:
            reached = self._last
        self._shared = (position.version, b"".join(taken), reached)
        return self._shared[1:]

    def _missing(self, position: Position) -> int | None:
        if self._last is None or position.epoch != self._last.epoch:
            return None
        missing = self._last.version - position.version
        return missing if 0 <= missing <= len(self._frames) else None

    def _newest(self, count: int) -> Iterator[bytes]:
        return islice(self._frames, len(self._frames) - count, None)
