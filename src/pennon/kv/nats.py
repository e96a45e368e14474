"""
Datafiles in a NATS JetStream bucket: L3, shared by all that can reach it.

A datafile is cut into parts (`pennon.kv.parts`). Its parts are written first, then its head, by
compare-and-set on the head's revision; then the parts of datafiles before the last are removed.
So a reader finds a whole datafile behind every head, the newest or the one before, and a slow
writer never puts an old one in place of a new one.

Nothing is watched: a watch goes silent for ever when the server behind it dies. Whoever wants
news asks for the head.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Final, NamedTuple

from pennon.errors import BadInput
from pennon.kv.datafiles import pack, unpack
from pennon.kv.nats_bucket import NatsBucket, NoBucket
from pennon.kv.nats_connection import NatsConnection
from pennon.kv.parts import (
    PART_BYTES,
    Head,
    cut,
    decode_head,
    encode_head,
    folder_of,
    head_key,
    joined,
    part_keys,
    part_sets,
)
from pennon.model.messages import Snapshot
from pennon.model.position import Position

log = logging.getLogger(__name__)

_TRIES: Final = 5
_PAUSE_SECONDS: Final = 0.05


class _Kept(NamedTuple):
    """The head of an environment, and the revision that a writer must find it at."""

    head: Head | None
    revision: int


class NatsDatafiles:
    """
    A `SharedStore` in the bucket *name*, which the first writer makes, on *replicas* servers.

    Every question is answered within seconds or fails. `refused` counts datafiles that could not
    be trusted, `written` the bytes that were written.
    """

    def __init__(
        self,
        connection: NatsConnection,
        name: str = "pennon",
        *,
        replicas: int = 1,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._connection, self._bucket = connection, NatsBucket(connection, name)
        self._replicas, self._part_bytes = replicas, part_bytes
        self.refused = 0
        self.written = 0

    async def load(self, environment: str) -> Snapshot | None:
        """Return the datafile kept for *environment* if there is one that can be trusted."""
        try:
            value = await self._value(environment)
            return None if value is None else await asyncio.to_thread(unpack, value)
        except BadInput as error:
            self._refuse(environment, error)
        except OSError as error:
            log.warning("l3_unreachable", extra={"reason": str(error)})
        return None

    async def save(self, snapshot: Snapshot) -> None:
        """Keep *snapshot*, unless the bucket holds a newer position. Raises OSError."""
        value = await asyncio.to_thread(pack, snapshot)
        try:
            await self._write(snapshot, value)
        except NoBucket:
            await self._bucket.make(self._replicas)
            await self._write(snapshot, value)

    async def position(self, environment: str) -> Position | None:
        """Return the position that is kept for *environment*. Raises OSError."""
        head = (await self._kept(environment)).head
        return None if head is None else head.position

    async def survey(self, environments: Collection[str]) -> dict[str, Position]:
        """Return the positions of those *environments* that are kept whole. Raises OSError."""
        found: dict[str, Position] = {}
        present = await self._bucket.keys(">")
        for environment in environments:
            head = (await self._kept(environment)).head
            if head is not None and present.issuperset(part_keys(environment, head)):
                found[environment] = head.position
        return found

    async def until_back(self, seen: int) -> int:
        """Return once the bucket can be reached anew, with what to pass to the next call."""
        return await self._connection.until_made(seen)

    async def _value(self, environment: str) -> bytes | None:
        """Return the whole value behind the head. Raises BadInput where it is not there."""
        for _ in range(_TRIES):
            head = (await self._kept(environment)).head
            if head is None:
                return None
            parts = [(await self._bucket.get(key)).value for key in part_keys(environment, head)]
            value = joined(head, [part for part in parts if part is not None])
            if value is not None:
                return value
            # Replaced while it was read, or the server asked lags behind the one before.
            await asyncio.sleep(_PAUSE_SECONDS)
        raise BadInput.at("$", "expected all parts that the head names, with its hash")

    async def _write(self, snapshot: Snapshot, value: bytes) -> None:
        environment = snapshot.environment
        size = min(self._part_bytes, self._bucket.most_bytes // 2)
        head, parts = cut(value, snapshot.position, size)
        are_there = False
        for _ in range(_TRIES):
            kept = await self._kept(environment)
            if kept.head is not None and kept.head.position > snapshot.position:
                return
            if not are_there:
                for key, part in zip(part_keys(environment, head), parts, strict=True):
                    await self._bucket.put(key, part)
                are_there = True
            if await self._bucket.replace(head_key(environment), encode_head(head), kept.revision):
                self.written += len(value)
                await self._remove_before(environment, (kept.head or head).position)
                return
            await asyncio.sleep(_PAUSE_SECONDS)
        raise OSError("others wrote to the head each time")

    async def _remove_before(self, environment: str, position: Position) -> None:
        """Remove the parts of what is older than *position*; what fails, the next write does."""
        try:
            keys = await self._bucket.keys(f"{folder_of(environment)}.part.>")
            for found in part_sets(environment, keys):
                if found.position < position:
                    await self._bucket.remove(f"{found.prefix}.*")
        except OSError as error:
            log.warning("l3_not_tidied", extra={"reason": str(error)})

    async def _kept(self, environment: str) -> _Kept:
        try:
            entry = await self._bucket.get(head_key(environment))
        except NoBucket:
            return _Kept(None, 0)
        if entry.value is None:
            return _Kept(None, entry.revision)
        try:
            return _Kept(decode_head(entry.value), entry.revision)
        except BadInput as error:
            self._refuse(environment, error)
            return _Kept(None, entry.revision)

    def _refuse(self, environment: str, error: BadInput) -> None:
        self.refused += 1
        log.error("datafile_refused", extra={"environment": environment, "reason": str(error)})
