"""A folder as a key-value store: L2 on a PoP's disk, and L3 in the embedded default."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path


class DirectoryKv:
    """
    One file a name, replaced atomically: temp file, fsync, rename, fsync of the folder.

    A reader sees the old value or the new one, also across a power cut. Names become file names
    with ``/`` as ``~``, which no environment holds.
    """

    def __init__(self, folder: Path, suffix: str = ".datafile") -> None:
        self._folder, self._suffix = folder, suffix

    async def get(self, name: str) -> bytes | None:
        return await asyncio.to_thread(self._read, self._path(name))

    async def put(self, name: str, value: bytes) -> None:
        await asyncio.to_thread(self._write, self._path(name), value)

    def _path(self, name: str) -> Path:
        file = name.replace("/", "~")
        if not file or file.startswith(".") or os.sep in file or "\0" in file:
            raise ValueError(f"{name!r} cannot be a file name")
        return self._folder / f"{file}{self._suffix}"

    def _read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, path: Path, value: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".writing-")
        try:
            with open(handle, "wb") as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
