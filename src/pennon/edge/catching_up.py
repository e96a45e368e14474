"""Waits until this node has what its client has heard of from another."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from pennon.errors import BadInput
from pennon.model.messages import Change, Snapshot
from pennon.model.position import Position
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas
from pennon.web.handler import Request

PATIENCE_SECONDS: Final = 2.0
"""How long a client is kept waiting; then it is answered what there is."""
_MOST_WAITING: Final = 1_000


class CatchingUp:
    """
    Knows whether the node is behind its client, and waits for what it lacks.

    A page may hold its event stream at one node and ask another for its flags. Where that one is
    behind, an answer at once would be an old one, and the page would hear of no other.
    """

    def __init__(self, replicas: Replicas, seconds: float = PATIENCE_SECONDS) -> None:
        self._replicas, self._seconds = replicas, seconds
        self._moved: dict[str, asyncio.Event] = {}
        self._waiting = 0
        replicas.watch(self._on_news)

    def lacks(self, environment: str, heard: Position) -> bool:
        """Return whether *environment* is behind *heard* here, in one line of versions."""
        replica = self._replicas.get(environment)
        held = None if replica is None else replica.position
        return held is not None and held.epoch == heard.epoch and held.version < heard.version

    async def wait(self, environment: str, heard: Position) -> None:
        """Return once *environment* has *heard*, or it was waited for long enough, or by many."""
        if self._waiting >= _MOST_WAITING:
            return
        self._waiting += 1
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    while self.lacks(environment, heard):
                        await self._moved.setdefault(environment, asyncio.Event()).wait()
        finally:
            self._waiting -= 1

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        moved = self._moved.pop(replica.environment, None)
        if moved is not None:
            moved.set()


def heard_by(request: Request) -> Position | None:
    """Return the position of the event that made a client ask, where one did."""
    if "flagConfigEtag" not in request.query:
        return None
    try:
        return Position.parse(dict(request.parameters()).get("flagConfigEtag", ""))
    except BadInput:
        return None
