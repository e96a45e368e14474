"""A client's last datafile on disk, from which it starts while the network is away."""

from __future__ import annotations

import logging
import os
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final

from pennon.errors import BadInput
from pennon.model.access import hash_key
from pennon.model.codec import decode_snapshot, encode_snapshot
from pennon.model.messages import Snapshot

log = logging.getLogger(__name__)

_MOST_BYTES: Final = 512 * 1024 * 1024
_NAME_LENGTH: Final = 32


class FileCache:
    """
    One file a key and environment, in a folder that may be shared; see `DatafileStore`.

    It is replaced whole or not at all, and read by its owner alone. What cannot be trusted is
    passed over: its digest says so. The client's own thread waits for the disk, and nobody else:
    a thread of a pool could not be had while the interpreter ends.
    """

    def __init__(self, folder: Path, key: str, environment: str | None = None) -> None:
        named = hash_key(f"{key}\0{environment or ''}")[:_NAME_LENGTH]
        self._path = folder / f"{named}.pennon"

    async def load(self, environment: str) -> Snapshot | None:
        """Return what is kept, if that is *environment*."""
        kept = self.read()
        return kept if kept is not None and kept.environment == environment else None

    async def save(self, snapshot: Snapshot) -> None:
        """Keep *snapshot*, unless a newer one is kept. Raises OSError when it cannot."""
        self._write(snapshot)

    def read(self) -> Snapshot | None:
        """Return what is kept, whatever environment that is, or None."""
        try:
            return decode_snapshot(_unpack(self._path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, BadInput, zlib.error) as error:
            log.warning("Pennon cannot start from %s: %s", self._path, error)
            return None

    def _write(self, snapshot: Snapshot) -> None:
        kept = self.read()
        if (
            kept is not None
            and kept.environment == snapshot.environment
            and kept.position > snapshot.position
        ):
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".pennon-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(zlib.compress(encode_snapshot(snapshot), 1))
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self._path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise


def _unpack(data: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    body = unpacking.decompress(data, _MOST_BYTES)
    if not unpacking.eof:
        raise BadInput.at("$", "expected a whole file of a size that can be held")
    return body
