"""The streams of a node: what every follower's seat shares, and who gets one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from pennon.errors import NotReady
from pennon.model.access import AccessKey
from pennon.model.messages import Goodbye
from pennon.model.position import Position
from pennon.relay.freshness import Freshness
from pennon.relay.replica import Replica
from pennon.relay.sse import COMMENT, format_event
from pennon.relay.tail import Tail
from pennon.web.auth import Keys
from pennon.web.fanout import Fanout
from pennon.web.handler import Feed
from pennon.web.seat import Seat
from pennon.web.settings import NodeSettings
from pennon.web.wheel import Wheel

_encode = msgspec.json.Encoder().encode

GOODBYE_WINDOW_MS = 2000
"""Over how long the followers of a draining node are spread when they come back."""
MOST_BUSY: Final = 200
"""How many followers may be in the midst of something large at once; others come back later."""
_RETURN_SECONDS: Final = 4.0
# Over how long those are spread.


class Streams:
    """
    Seats, and what happens to all of them: comments, heartbeats, keys that end, a goodbye.

    *random* returns a number in [0, 1).
    """

    def __init__(
        self,
        keys: Keys,
        fanout: Fanout,
        freshness: Freshness,
        settings: NodeSettings,
        *,
        most_busy: int = MOST_BUSY,
        random: Callable[[], float] = random.random,
    ) -> None:
        self.keys, self.fanout = keys, fanout
        self._freshness, self._random = freshness, random
        self._most_busy = most_busy
        self.busy = 0
        """How many followers are in the midst of something large."""
        self.refused = 0
        """How many were told to come back because others were."""
        self._comments = Wheel(settings.comment_seconds, Seat.comment)
        self._heartbeats = Wheel(settings.heartbeat_seconds, Seat.heartbeat)

    def follow(
        self,
        key: AccessKey,
        cursors: Mapping[str, Position | None],
        replicas: Sequence[Replica],
        backlog: Sequence[bytes] = (),
    ) -> Feed:
        """
        Return what tells a follower what it lacks after *backlog*, and all that happens.

        It ends when the key is revoked or what it opens changes, when the node follows one of the
        environments no longer, or with a `goodbye` when the node drains.
        """
        tail = Tail(cursors, replicas)
        greeting = tail.heartbeats(self.keys.now_ms(), fresh=self._is_fresh, only_silent=True)
        tail.open_with([COMMENT, *backlog, greeting])
        return Seat(self, key, tail)

    def require_room(self) -> None:
        """Raise NotReady when too many are in the midst of something large."""
        if self.busy >= self._most_busy:
            raise self.not_now("Too many followers are being sent whole environments.")

    def not_now(self, message: str) -> NotReady:
        """Return the error for one who shall come back soon, but not with all the others."""
        self.refused += 1
        return NotReady(message, retry_after=1 + self._random() * _RETURN_SECONDS)

    # What the seats ask; see `pennon.web.seat.Hall`.

    @property
    def keys_position(self) -> Position | None:
        return self.keys.access.position

    @property
    def draining(self) -> bool:
        return self.fanout.draining

    def still_valid(self, key: AccessKey) -> bool:
        return self.keys.still_valid(key)

    def heartbeats(self, tail: Tail) -> bytes:
        return tail.heartbeats(self.keys.now_ms(), fresh=self._is_fresh)

    def goodbye(self) -> bytes:
        wait = Goodbye(retry_after_ms=int(self._random() * GOODBYE_WINDOW_MS))
        return format_event("goodbye", _encode(wait))

    def enter(self, seat: Seat) -> None:
        self.fanout.take(seat, seat.environments)
        self._comments.add(seat)
        self._heartbeats.add(seat)

    def leave(self, seat: Seat) -> None:
        self.fanout.give_back(seat, seat.environments)
        self._comments.remove(seat)
        self._heartbeats.remove(seat)

    def count_busy(self, change: int) -> None:
        self.busy += change

    def _is_fresh(self, environment: str) -> bool:
        return self._freshness.stale_ms(environment) is None
