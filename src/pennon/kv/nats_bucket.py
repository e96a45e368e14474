"""A JetStream key-value bucket, as far as it is used: every question ends within seconds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from pennon.kv.nats_connection import NatsConnection

if TYPE_CHECKING:
    from nats.js import JetStreamContext
    from nats.js.kv import KeyValue

log = logging.getLogger(__name__)

_ANSWER_SECONDS: Final = 3.0
# The error code of a stream that exists with other settings; those are its operator's.
_EXISTS_OTHERWISE: Final = 10058


class NoBucket(OSError):
    """Nobody serves the bucket: it was never made, or was removed, or its servers are away."""


class Entry(NamedTuple):
    """A value, None where there is none, and the revision that `replace` must name; 0 for never."""

    value: bytes | None
    revision: int


class NatsBucket:
    """
    The bucket *name*. All that goes wrong between us and NATS is an OSError.

    It is not looked for first: whether it is there, each question finds out for itself.
    """

    def __init__(self, connection: NatsConnection, name: str) -> None:
        self._connection, self._name = connection, name

    @property
    def most_bytes(self) -> int:
        """The largest value that its server takes. Raises ConnectionError."""
        return self._connection.client.max_payload

    async def get(self, key: str) -> Entry:
        """Return what any of its servers has for *key*; it may be one that lags a moment."""
        from nats.js.errors import KeyNotFoundError

        with _told_as_oserror():
            try:
                entry = await self._bucket().get(key)
            except KeyNotFoundError as error:
                return Entry(None, (error.entry.revision if error.entry else None) or 0)
            return Entry(entry.value or b"", entry.revision or 0)

    async def put(self, key: str, value: bytes) -> None:
        """Set *key*, whatever is there."""
        with _told_as_oserror():
            await self._bucket().put(key, value)

    async def replace(self, key: str, value: bytes, revision: int) -> bool:
        """Set *key* if it is at *revision* still; return whether it was."""
        from nats.js.errors import KeyWrongLastSequenceError

        with _told_as_oserror():
            try:
                await self._bucket().update(key, value, revision)
            except KeyWrongLastSequenceError:
                return False
            return True

    async def keys(self, pattern: str) -> set[str]:
        """Return the keys that *pattern* matches."""
        from nats.js.errors import NotFoundError

        start = self._subject("")
        with _told_as_oserror():
            try:
                info = await self._jetstream().stream_info(self._stream, start + pattern)
            except NotFoundError:
                return set()
        return {subject.removeprefix(start) for subject in info.state.subjects or ()}

    async def remove(self, pattern: str) -> None:
        """Remove the keys that *pattern* matches, without a trace."""
        with _told_as_oserror():
            await self._jetstream().purge_stream(self._stream, subject=self._subject(pattern))

    async def make(self, replicas: int) -> None:
        """Make the bucket on so many servers; one that is there stays as it is."""
        from nats.js.api import KeyValueConfig
        from nats.js.errors import BadRequestError

        config = KeyValueConfig(
            bucket=self._name,
            description="The newest datafile of each environment of Pennon.",
            replicas=replicas,
            direct=True,
        )
        with _told_as_oserror():
            try:
                await self._jetstream().create_key_value(config)
            except BadRequestError as error:
                if error.err_code != _EXISTS_OTHERWISE:
                    raise
                return
        log.info("l3_bucket_made", extra={"bucket": self._name, "replicas": replicas})

    @property
    def _stream(self) -> str:
        return f"KV_{self._name}"

    def _subject(self, key: str) -> str:
        return f"$KV.{self._name}.{key}"

    def _jetstream(self) -> JetStreamContext:
        return self._connection.client.jetstream(timeout=_ANSWER_SECONDS)

    def _bucket(self) -> KeyValue:
        from nats.js.kv import KeyValue

        return KeyValue(self._name, self._stream, self._subject(""), self._jetstream(), direct=True)


@contextmanager
def _told_as_oserror() -> Iterator[None]:
    from nats.errors import Error, NoRespondersError
    from nats.js.errors import NoStreamResponseError

    try:
        yield
    except (NoRespondersError, NoStreamResponseError) as error:
        raise NoBucket("NATS: nobody serves the bucket") from error
    except Error as error:
        raise OSError(f"NATS: {str(error) or type(error).__name__}") from error
