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
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from pennon.errors import BadInput
from pennon.kv.datafiles import pack, unpack
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
    part_prefix,
    part_sets,
)
from pennon.model.messages import Snapshot
from pennon.model.position import Position

if TYPE_CHECKING:
    from nats.js import JetStreamContext
    from nats.js.kv import KeyValue

log = logging.getLogger(__name__)

_ANSWER_SECONDS: Final = 3.0
_TRIES: Final = 5
_PAUSE_SECONDS: Final = 0.05
# The error code of a stream that exists with other settings; those are its operator's.
_EXISTS_OTHERWISE: Final = 10058


class _Kept(NamedTuple):
    """A head and the revision that a writer must find it at; 0 where there was never one."""

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
        self._connection, self._name, self._replicas = connection, name, replicas
        self._part_bytes = part_bytes
        self.refused = 0
        self.written = 0

    async def load(self, environment: str) -> Snapshot | None:
        """Return the datafile kept for *environment* if there is one that can be trusted."""
        try:
            with told_as_oserror():
                value = await self._value(environment)
            return None if value is None else await asyncio.to_thread(unpack, value)
        except BadInput as error:
            self.refused += 1
            log.error("datafile_refused", extra={"environment": environment, "reason": str(error)})
        except OSError as error:
            log.warning("l3_unreachable", extra={"reason": str(error)})
        return None

    async def save(self, snapshot: Snapshot) -> None:
        """Keep *snapshot*, unless the bucket holds a newer position. Raises OSError."""
        value = await asyncio.to_thread(pack, snapshot)
        with told_as_oserror():
            try:
                await self._write(snapshot, value)
            except _no_such_bucket():
                await self._make_bucket()
                await self._write(snapshot, value)

    async def position(self, environment: str) -> Position | None:
        """Return the position that is kept for *environment*. Raises OSError."""
        with told_as_oserror():
            head = (await self._kept(environment)).head
        return None if head is None else head.position

    async def survey(self, environments: Collection[str]) -> dict[str, Position]:
        """Return the positions of those *environments* that are kept whole. Raises OSError."""
        found: dict[str, Position] = {}
        with told_as_oserror():
            present = await self._keys(">")
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
            parts = [await self._part(key) for key in part_keys(environment, head)]
            value = joined(head, [part for part in parts if part is not None])
            if value is not None:
                return value
            # Replaced while it was read, or the server asked lags behind the one before.
            await asyncio.sleep(_PAUSE_SECONDS)
        raise BadInput.at("$", "expected all parts that the head names, with its hash")

    async def _write(self, snapshot: Snapshot, value: bytes) -> None:
        from nats.js.errors import KeyWrongLastSequenceError

        bucket, environment = self._bucket(), snapshot.environment
        head, parts = cut(value, snapshot.position, self._size())
        are_there = False
        for _ in range(_TRIES):
            kept = await self._kept(environment)
            if kept.head is not None and kept.head.position > snapshot.position:
                return
            if not are_there:
                for key, part in zip(part_keys(environment, head), parts, strict=True):
                    await bucket.put(key, part)
                are_there = True
            try:
                await bucket.update(head_key(environment), encode_head(head), kept.revision)
            except KeyWrongLastSequenceError:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            self.written += len(value)
            await self._remove_before(environment, kept.head or head)
            return
        raise OSError("others wrote to the head each time")

    async def _remove_before(self, environment: str, head: Head) -> None:
        """Remove the parts that are older than those of *head*; what fails, the next one does."""
        from nats.errors import Error

        stream, keys = self._stream(), await self._keys(f"{folder_of(environment)}.part.>")
        for prefix, position in part_sets(environment, iter(keys)):
            if position < head.position and prefix != part_prefix(environment, head):
                try:
                    await self._jetstream().purge_stream(
                        stream, subject=f"$KV.{self._name}.{prefix}.*"
                    )
                except (Error, OSError) as error:
                    log.warning("l3_not_tidied", extra={"reason": type(error).__name__})
                    return

    async def _kept(self, environment: str) -> _Kept:
        from nats.js.errors import KeyNotFoundError

        try:
            entry = await self._bucket().get(head_key(environment))
        except KeyNotFoundError as error:
            deleted = error.entry
            return _Kept(None, deleted.revision or 0 if deleted is not None else 0)
        except _no_such_bucket():
            return _Kept(None, 0)
        try:
            return _Kept(decode_head(entry.value or b""), entry.revision or 0)
        except BadInput as error:
            self.refused += 1
            log.error("datafile_refused", extra={"environment": environment, "reason": str(error)})
            return _Kept(None, entry.revision or 0)

    async def _part(self, key: str) -> bytes | None:
        from nats.js.errors import KeyNotFoundError

        try:
            return (await self._bucket().get(key)).value
        except KeyNotFoundError:
            return None

    async def _keys(self, pattern: str) -> set[str]:
        """Return the keys that the bucket holds."""
        from nats.js.errors import NotFoundError

        start = f"$KV.{self._name}."
        try:
            info = await self._jetstream().stream_info(self._stream(), start + pattern)
        except NotFoundError:
            return set()
        return {subject.removeprefix(start) for subject in info.state.subjects or ()}

    async def _make_bucket(self) -> None:
        from nats.js.api import KeyValueConfig
        from nats.js.errors import BadRequestError

        config = KeyValueConfig(
            bucket=self._name,
            description="The newest datafile of each environment of Pennon.",
            replicas=self._replicas,
            direct=True,
        )
        try:
            await self._jetstream().create_key_value(config)
        except BadRequestError as error:
            if error.err_code != _EXISTS_OTHERWISE:
                raise
        else:
            log.info("l3_bucket_made", extra={"bucket": self._name, "replicas": self._replicas})

    def _size(self) -> int:
        """Return how large a part may be: no more than half of what the server takes."""
        return min(self._part_bytes, self._connection.client.max_payload // 2)

    def _stream(self) -> str:
        return f"KV_{self._name}"

    def _jetstream(self) -> JetStreamContext:
        return self._connection.client.jetstream(timeout=_ANSWER_SECONDS)

    def _bucket(self) -> KeyValue:
        # Made without asking the server whether it is there: asking is what `get` and `put` do.
        from nats.js.kv import KeyValue

        return KeyValue(
            self._name, self._stream(), f"$KV.{self._name}.", self._jetstream(), direct=True
        )


def _no_such_bucket() -> tuple[type[Exception], ...]:
    """Return the errors by which a bucket shows that nobody serves it."""
    from nats.errors import NoRespondersError
    from nats.js.errors import NoStreamResponseError

    return NoRespondersError, NoStreamResponseError


@contextmanager
def told_as_oserror() -> Iterator[None]:
    """Raise OSError for what goes wrong between us and NATS."""
    from nats.errors import Error

    try:
        yield
    except Error as error:
        raise OSError(f"NATS: {str(error) or type(error).__name__}") from error
