"""One follower's place in the streams of several environments: a cursor each, and no queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from pennon.model.codec import format_digest
from pennon.model.messages import Heartbeat
from pennon.model.position import Position
from pennon.relay.replica import Replica
from pennon.relay.sse import format_event

_encode = msgspec.json.Encoder().encode


class Tail:
    """
    What one follower still has to be told, worked out from the replicas whenever it can be sent.

    A slow follower holds nothing up and costs no memory: its cursor stays where it is, and once
    the run of frames no longer reaches back to it, the whole environment takes their place.
    A follower that is ahead (its last parent was faster) is told where this node stands and
    nothing else, until this node has caught up.
    """

    def __init__(self, cursors: Mapping[str, Position | None], replicas: list[Replica]) -> None:
        self._cursors = dict(cursors)
        self._replicas = replicas

    def pull(self) -> list[bytes]:
        """
        Return the events that the follower lacks, and move its cursors past them.

        They are not joined: the events of a whole environment are one object for all followers.
        """
        return [
            missing
            for replica in self._replicas
            if replica.position != self._cursors[replica.environment]
            and (missing := self._missing(replica))
        ]

    def heartbeats(
        self,
        now_ms: int,
        *,
        fresh: Callable[[str], bool] = lambda environment: True,
        only_silent: bool = False,
    ) -> bytes:
        """
        Return a heartbeat for each environment that is *fresh* here, at *now_ms* of epoch time.

        With *only_silent*, for those alone that `pull` has nothing for: the greeting of a
        follower that connects up to date, or ahead.
        """
        return b"".join(
            heartbeat(replica, now_ms)
            for replica in self._replicas
            if replica.position is not None
            and fresh(replica.environment)
            and not (only_silent and self._is_behind(replica, replica.position))
        )

    def _is_behind(self, replica: Replica, position: Position) -> bool:
        cursor = self._cursors[replica.environment]
        return cursor is None or cursor < position

    def _missing(self, replica: Replica) -> bytes:
        position = replica.position
        if position is None or not self._is_behind(replica, position):
            return b""
        cursor = self._cursors[replica.environment]
        frames = None if cursor is None else replica.run.after(cursor)
        self._cursors[replica.environment] = position
        return replica.full_sync() if frames is None else frames


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
