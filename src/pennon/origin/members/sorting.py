"""
Puts a list of any length into order on disk, in bounded memory.

What comes is sorted a run at a time and written to a file that has no name, which nothing leaves
behind; then the runs are merged into a second one. Bytes are compared, so the order is that of
the databases.
"""

from __future__ import annotations

import heapq
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import IO, Final, Self

from pennon.errors import BadInput
from pennon.origin.members.parsing import Entry
from pennon.origin.members.tally import Tally, hash_of

RUN: Final = 50_000
"""How many entries are sorted at once: a sort lets nobody else have the processor meanwhile."""

_BLOCK: Final = 64 * 1024
_PLUS: Final = ord("+")

Listed = tuple[bytes, bool]
"""A key, and whether it is a member."""


class Sorting:
    """Takes entries in any order; `finish` puts them in order. A context manager: it has files."""

    def __init__(self, run: int = RUN) -> None:
        self._most = run
        self._run: list[Entry] = []
        self._runs: list[tuple[int, int]] = []
        self._file, self._sorted = _nameless(), _nameless()
        self.tally = Tally()
        self.repeated = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for file in (self._file, self._sorted):
            with suppress(OSError):  # what a full disk did not take, which has been raised
                file.close()

    def add(self, entries: Iterable[Entry]) -> None:
        """Take *entries*."""
        entries = iter(entries)
        while some := list(islice(entries, self._most - len(self._run))):
            self._run += some
            if len(self._run) == self._most:
                self._write_run()

    def finish(self) -> None:
        """
        Put all in order; `tally` then counts it, and `repeated` how often a key came again.

        Raises BadInput for a key that is both in and out.
        """
        self._write_run()
        included = excluded = total = 0
        runs = (_entries(self._file.fileno(), *place) for place in self._runs)
        for key, member in self._distinct(heapq.merge(*runs)):
            self._sorted.write(b"%c%b\n" % (b"+" if member else b"-", key))
            included += member
            excluded += not member
            total += hash_of(key, member=member)
        self._sorted.flush()
        self.tally = Tally(included, excluded, total % 2**256)

    def listed(self) -> Iterator[Listed]:
        """Yield every key once, in order, from the start each time; after `finish`."""
        descriptor = self._sorted.fileno()
        for line in _lines(descriptor, 0, os.fstat(descriptor).st_size):
            yield line[1:], line[0] == _PLUS

    def _distinct(self, entries: Iterable[Entry]) -> Iterator[Listed]:
        last: Entry | None = None
        for entry in entries:
            if last is None or entry.key != last.key:
                yield entry.key, entry.member
                last = entry
                continue
            self.repeated += 1
            if entry.member != last.member:
                raise BadInput.at(f"line {entry.line}", _contradicted(last))

    def _write_run(self) -> None:
        if not self._run:
            return
        self._run.sort()
        start = self._file.tell()
        self._file.writelines(
            b"%010d%c%b\n" % (line, b"+" if member else b"-", key)
            for key, line, member in self._run
        )
        self._file.flush()
        self._runs.append((start, self._file.tell()))
        self._run = []


def _nameless() -> IO[bytes]:
    return tempfile.TemporaryFile()  # who makes a Sorting closes it


def _entries(descriptor: int, start: int, end: int) -> Iterator[Entry]:
    for text in _lines(descriptor, start, end):
        yield Entry(text[11:], int(text[:10]), text[10] == _PLUS)


def _lines(descriptor: int, start: int, end: int) -> Iterator[bytes]:
    rest = b""
    while start < end:
        block = os.pread(descriptor, min(_BLOCK, end - start), start)
        start += len(block)
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        yield from lines


def _contradicted(first: Entry) -> str:
    was = "a member" if first.member else "none"
    return f"expected {first.key.decode()!r} once: line {first.line} says that it is {was}"
