"""The last changes of an environment, as frames ready to be sent: a bounded, dense run."""

from __future__ import annotations

from collections import deque
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

    def clear(self, position: Position | None) -> None:
        """Start again after *position*: what follows it will be the next frame."""
        self._frames.clear()
        self._bytes, self._last = 0, position

    def append(self, change: Change) -> None:
        """Keep *change*, which must be the next version of the same epoch."""
        frame = frame_of(change)
        self._frames.append(frame)
        self._bytes += len(frame)
        self._last = change.position
        while len(self._frames) > self._max_frames or (
            self._bytes > self._max_bytes and len(self._frames) > 1
        ):
            self._bytes -= len(self._frames.popleft())

    def after(self, position: Position) -> bytes | None:
        """Return every frame after *position*, joined, or None when the run does not reach back."""
        if self._last is None or position.epoch != self._last.epoch:
            return None
        missing = self._last.version - position.version
        if missing < 0 or missing > len(self._frames):
            return None
        if missing == 1:
            return self._frames[-1]
        return b"".join(islice(self._frames, len(self._frames) - missing, None))
