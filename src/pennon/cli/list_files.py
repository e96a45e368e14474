"""Long files that are sent and received, with how far it is on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

STANDARD: Final = "-"
"""The name of standard input and output."""

_PIECE: Final = 256 * 1024
_EVERY_SECONDS: Final = 0.5


class Progress:
    """Tells on a terminal how much has passed; of *whole* bytes, where that is known."""

    def __init__(self, verb: str, whole: int | None = None) -> None:
        self._verb, self._whole = verb, whole
        self._bytes = 0
        self._told_at = time.monotonic()
        self._told = False

    def add(self, count: int) -> None:
        """Count bytes, and tell of them now and then."""
        self._bytes += count
        now = time.monotonic()
        if sys.stderr.isatty() and now - self._told_at >= _EVERY_SECONDS:
            self._told_at, self._told = now, True
            print(f"\r\033[K{self._verb} {self._phrase()}", end="", file=sys.stderr, flush=True)

    def through(self, then: str) -> None:
        """Say that all has passed, and what follows."""
        if self._told:
            print(f"\r\033[K{then}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the line away."""
        if self._told:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _phrase(self) -> str:
        megabytes = f"{self._bytes / 1e6:.1f} MB"
        return f"{megabytes}, {100 * self._bytes // self._whole} %" if self._whole else megabytes


@contextmanager
def pieces_of(path: str) -> Iterator[Iterator[bytes]]:
    """Give the pieces of a file, or of standard input, and tell how far they are sent."""
    if path == STANDARD:
        progress = Progress("sent")
        try:
            yield _read(sys.stdin.buffer, progress)
        finally:
            progress.end()
        return
    with Path(path).open("rb") as file:
        progress = Progress("sent", os.fstat(file.fileno()).st_size)
        try:
            yield _read(file, progress)
        finally:
            progress.end()


def written(path: Path, pieces: Iterable[bytes]) -> int:
    """Write *pieces* to a file, whole or not at all, and return how many lines they are."""
    progress, lines = Progress("received"), 0
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                lines += piece.count(b"\n")
                progress.add(len(piece))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
        progress.end()
    return lines


def _read(file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
        progress.add(len(piece))
    progress.through("sent; the origin compares it")
