"""
Datafiles in a key-value store: what L2 and L3 hold.

A value is one head line, then the `full_sync` envelope compressed with zstd::

    pennon-datafile 1 EPOCH.version SHA256-OF-THE-REST

The head says what is kept without reading it all, and finds a torn or rotten value; the
envelope's own digest then finds a wrong one.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Collection
from typing import Final

import zstandard

from pennon.errors import BadInput
from pennon.kv.base import Kv
from pennon.model.codec import decode_snapshot, encode_snapshot
from pennon.model.messages import Snapshot
from pennon.model.position import Position

log = logging.getLogger(__name__)

_MAGIC: Final = b"pennon-datafile 1 "
_MOST_BYTES: Final = 512 * 1024 * 1024
_LEVEL: Final = 3


class Datafiles:
    """
    A `SharedStore` over any `Kv`.

    `refused` counts values that could not be trusted, `written` the bytes that were written.
    """

    def __init__(self, kv: Kv) -> None:
        self._kv = kv
        self.refused = 0
        self.written = 0

    async def load(self, environment: str) -> Snapshot | None:
        """Return the datafile kept for *environment* if there is one that can be trusted."""
        try:
            value = await self._kv.get(environment)
            snapshot = None if value is None else await asyncio.to_thread(unpack, value)
        except (OSError, BadInput) as error:
            self.refused += 1
            log.error("datafile_refused", extra={"environment": environment, "reason": str(error)})
            return None
        return snapshot

    async def save(self, snapshot: Snapshot) -> None:
        """Keep *snapshot*, unless the store holds a newer position. Raises OSError."""

        def is_newer(kept: bytes) -> bool:
            position = position_of(kept)
            return position is not None and position > snapshot.position

        value = await asyncio.to_thread(pack, snapshot)
        await self._kv.put(snapshot.environment, value, unless=is_newer)
        self.written += len(value)

    async def position(self, environment: str) -> Position | None:
        """Return the position that the kept value claims. Raises OSError."""
        head = await self._kv.head(environment)
        try:
            return None if head is None else _split(head + b"\n")[0]
        except BadInput:
            return None

    async def survey(self, environments: Collection[str]) -> dict[str, Position]:
        """Return the positions of those *environments* that are kept whole. Raises OSError."""
        found: dict[str, Position] = {}
        for environment in environments:
            value = await self._kv.get(environment)
            position = None if value is None else await asyncio.to_thread(position_of, value)
            if position is not None:
                found[environment] = position
        return found

    async def until_back(self, seen: int) -> int:
        """Return once: what is on this machine is there, and does not come and go."""
        return 1 if seen == 0 else await asyncio.Future[int]()


def pack(snapshot: Snapshot) -> bytes:
    """Return the value that keeps *snapshot*."""
    body = zstandard.ZstdCompressor(level=_LEVEL).compress(encode_snapshot(snapshot))
    head = f"{snapshot.position} {hashlib.sha256(body).hexdigest()}\n"
    return _MAGIC + head.encode() + body


def unpack(value: bytes) -> Snapshot:
    """Return the datafile in *value*. Raises BadInput when it is not whole and true."""
    position, checksum, body = _split(value)
    if hashlib.sha256(body).hexdigest() != checksum:
        raise BadInput.at("$", "expected the bytes that the head's checksum was made of")
    try:
        envelope = zstandard.ZstdDecompressor().decompress(body, max_output_size=_MOST_BYTES)
    except zstandard.ZstdError as error:
        raise BadInput.at("$", f"expected zstd: {error}") from None
    snapshot = decode_snapshot(envelope)
    if snapshot.position != position:
        raise BadInput.at("$.datafile.version", f"expected {position}, as the head says")
    return snapshot


def position_of(value: bytes) -> Position | None:
    """Return the position that a value's head claims, or None when its bytes are not whole."""
    try:
        position, checksum, body = _split(value)
    except BadInput:
        return None
    return position if hashlib.sha256(body).hexdigest() == checksum else None


def _split(value: bytes) -> tuple[Position, str, bytes]:
    head, newline, body = value.partition(b"\n")
    words = head.removeprefix(_MAGIC).decode("ascii", "replace").split(" ")
    if not newline or not head.startswith(_MAGIC) or len(words) != 2:
        raise BadInput.at("$", "expected a head line such as 'pennon-datafile 1 EPOCH.1042 …'")
    return Position.parse(words[0]), words[1], body
