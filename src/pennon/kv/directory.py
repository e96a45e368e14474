"""A folder as a key-value store: L2 on a PoP's disk, and L3 in the embedded default."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pennon.kv.atomic import private, replace_file
from pennon.kv.base import Keep

_LONGEST_HEAD: Final = 4096


class DirectoryKv:
    """
    One file a name, replaced atomically: temp file, fsync, rename, fsync of the folder.

    A reader sees the old value or the new one, also across a power cut. Writers of one name, in
    any thread or process, take turns. Names become file names with ``/`` as ``~``, which no
    environment holds.
    """

    def __init__(self, folder: Path, suffix: str = ".datafile") -> None:
        self._folder, self._suffix = folder, suffix

    async def get(self, name: str) -> bytes | None:
        return await asyncio.to_thread(_read, self._path(name))

    async def head(self, name: str) -> bytes | None:
        return await asyncio.to_thread(_first_line, self._path(name))

    async def put(self, name: str, value: bytes, *, unless: Keep) -> None:
        await self.put_made(name, lambda: value, unless=unless)

    async def put_made(self, name: str, make: Callable[[], bytes], *, unless: Keep) -> None:
        """Do as `put` does with what *make* returns, which is made only where it is wanted."""
        await asyncio.to_thread(self._write, self._path(name), make, unless)

    def _path(self, name: str) -> Path:
        file = name.replace("/", "~")
        if not file or file.startswith(".") or os.sep in file or "\0" in file:
            raise ValueError(f"{name!r} cannot be a file name")
        return self._folder / f"{file}{self._suffix}"

    def _write(self, path: Path, make: Callable[[], bytes], unless: Keep) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(path.with_name(f".{path.name}.lock")):
            kept = _read(path)
            if kept is not None and unless(kept):
                return
            replace_file(path, make())


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _first_line(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.readline(_LONGEST_HEAD).rstrip(b"\n")
    except FileNotFoundError:
        return None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path, "wb", opener=private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
