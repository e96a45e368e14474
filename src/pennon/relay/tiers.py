"""
The tiers below memory: where a node finds its environments when it starts, and keeps them after.

L2 is the disk of the PoP, L3 a KV that the origin writes (`pennon.relay.fallback` reads it). The
walk goes down once for an environment, when it is opened; while a stream is healthy, the stream is
the only writer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from pennon.model.messages import Change, Snapshot
from pennon.model.position import Position
from pennon.relay.pace import Pace
from pennon.relay.replica import Replica, Verdict
from pennon.relay.replicas import Replicas

log = logging.getLogger(__name__)


class DatafileStore(Protocol):
    """Keeps the last datafile of each environment, and never an older one over a newer."""

    async def load(self, environment: str) -> Snapshot | None:
        """Return what is kept, or None when there is nothing or nothing that can be trusted."""
        ...

    async def save(self, snapshot: Snapshot) -> None:
        """Keep *snapshot*, unless a newer one is kept. Raises OSError when it cannot."""
        ...


class SharedStore(DatafileStore, Protocol):
    """L3: a store that others write to as well, and that may be out of reach."""

    refused: int
    """How many datafiles could not be trusted."""

    async def position(self, environment: str) -> Position | None:
        """Return the position that is kept, without reading it all. Raises OSError."""
        ...


class Standing(NamedTuple):
    """What a tier holds of an environment, as far as this node knows."""

    position: Position
    committed_at: int


async def warm(replica: Replica, stores: Sequence[DatafileStore]) -> bool:
    """Fill *replica* with the newest that *stores* have of it; return whether it took that."""
    kept = [await store.load(replica.environment) for store in stores]
    own = [
        snapshot for snapshot in kept if snapshot and snapshot.environment == replica.environment
    ]
    if not own or replica.forgotten:
        return False
    newest = max(own, key=lambda snapshot: snapshot.position)
    if replica.replace(newest) is not Verdict.APPLIED:
        return False  # the parent was faster
    replica.fed_by = "l2"
    return True


class Keeper:
    """
    Writes every replica that moved into a store, at most once in *pause* seconds each.

    A store that fails, such as a disk that is full, is tried again, ever less often, and the node
    goes on serving from memory. The log has the first failure of an environment, `failures`
    counts them all, and `kept` says what the store holds.
    """

    def __init__(self, replicas: Replicas, store: DatafileStore, *, pause: float = 0.5) -> None:
        self._store, self._pace = store, Pace(pause)
        self._failing: set[str] = set()
        self._moved: dict[str, Replica] = {}
        self._wake = asyncio.Event()
        self.failures = 0
        self.kept: dict[str, Standing] = {}
        replicas.watch(self._on_news)

    async def run(self) -> None:
        """Keep writing until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not await self.flush():
                self._wake.set()
            await asyncio.sleep(self._pace.rest(0.0 if self._failing else None))

    def has(self, replica: Replica) -> None:
        """Note that the store has what *replica* holds: it was read there."""
        if replica.position is not None:
            self.kept[replica.environment] = Standing(replica.position, replica.committed_at)
            self._moved.pop(replica.environment, None)

    async def flush(self) -> bool:
        """Write what has moved; return whether all of it could be written."""
        for environment, replica in tuple(self._moved.items()):
            snapshot = replica.snapshot()
            try:
                await self._store.save(snapshot)
            except Exception as error:
                # Whatever it is, the others are still to be written, and this one again later.
                self._failed(environment, error)
                continue
            self._failing.discard(environment)
            self.kept[environment] = Standing(snapshot.position, snapshot.committed_at)
            # Only now: a write that was cancelled half way is still owed, as is a later change.
            stood = (snapshot.position, snapshot.digest)
            is_owed = self._moved.get(environment) is replica
            if is_owed and (replica.position, replica.digest) == stood:
                del self._moved[environment]
        return not self._moved

    def _failed(self, environment: str, error: Exception) -> None:
        self.failures += 1
        if environment not in self._failing:
            self._failing.add(environment)
            extra = {"environment": environment, "reason": repr(error)}
            log.error("datafile_not_kept", extra=extra)

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        self._moved[replica.environment] = replica
        self._wake.set()


async def warm_all(
    replicas: Replicas, environments: Iterable[str], stores: Sequence[DatafileStore]
) -> None:
    """Fill the replicas of *environments* that hold nothing yet."""
    for environment in environments:
        replica = replicas.open(environment)
        if replica.position is None:
            await warm(replica, stores)
