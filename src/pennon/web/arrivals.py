"""Waits for environments that are on their way to this node."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from pennon.model.messages import Change, Snapshot
from pennon.relay.access import Access
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas


class Arrivals:
    """Knows which environments are about to be held here, and tells when they are."""

    def __init__(self, replicas: Replicas, access: Access) -> None:
        self._replicas, self._access = replicas, access
        self._awaited: dict[str, asyncio.Event] = {}
        replicas.watch(self._on_news)

    def expects(self, environment: str) -> bool:
        """Return whether *environment* exists and is not held here yet."""
        replica = self._replicas.get(environment)
        if replica is None:
            return environment in self._access.environments
        return replica.position is None

    async def wait(self, environments: Iterable[str], seconds: float) -> None:
        """Return once none of *environments* is expected, or so many seconds have passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for environment in environments:
                    while self.expects(environment):
                        await self._awaited.setdefault(environment, asyncio.Event()).wait()

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        awaited = self._awaited.pop(replica.environment, None)
        if awaited is not None:
            awaited.set()
