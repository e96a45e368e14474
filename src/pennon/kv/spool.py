"""Batches that wait on disk for a parent that is away; see `pennon.relay.backlog.Backlog`."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

from pennon.kv.atomic import replace_file
from pennon.model.batch_names import Dropped, Why, first_to_go, sort_of

_SUFFIX: Final = ".batch"


class Spool:
    """
    A file a batch, in *folder*, at most *most_bytes* together.

    What a process before this one has left is there again, and what another leaves meanwhile is
    found once all else is sent: a worker that is replaced ends after its successor has begun.
    What both send counts once, by its name.
    """

    def __init__(self, folder: Path, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._sizes = _sizes(folder)
        self.dropped: Dropped = Counter()

    @property
    def waiting(self) -> int:
        """How many batches wait."""
        return len(self._sizes)

    def add(self, name: str, data: bytes) -> None:
        """Keep a batch, across a power cut too. Raises OSError."""
        replace_file(self._path(name), data)
        self._sizes[name] = len(data)
        while sum(self._sizes.values()) > self._most_bytes:
            self.drop(first_to_go(self._sizes), "no_room")

    def oldest(self) -> tuple[str, bytes] | None:
        """Return the batch to send next; a file that cannot be read is given up."""
        if not self._sizes:
            self._sizes = _sizes(self._folder)
        for name in tuple(self._sizes):
            try:
                return name, self._path(name).read_bytes()
            except FileNotFoundError:
                self.remove(name)  # another has sent it
            except OSError:
                self.drop(name, "unreadable")
        return None

    def remove(self, name: str) -> None:
        """Forget a batch that was sent."""
        self._sizes.pop(name, None)
        with suppress(OSError):  # if it stays it is sent again by the next process, and counts once
            self._path(name).unlink(missing_ok=True)

    def drop(self, name: str, why: Why) -> None:
        """Forget a batch that nobody will take."""
        self.remove(name)
        self.dropped[sort_of(name), why] += 1

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"


def move_batches(source: Path, folder: Path) -> None:
    """Leave the batches of *source*, which nobody uses any more, to who uses *folder*."""
    for path in _batches(source):
        folder.mkdir(parents=True, exist_ok=True)
        path.replace(folder / path.name)


def _sizes(folder: Path) -> dict[str, int]:
    sizes = {}
    for path in sorted(_batches(folder)):
        with suppress(FileNotFoundError):
            sizes[path.stem] = path.stat().st_size
    return sizes


def _batches(folder: Path) -> list[Path]:
    return [*folder.glob(f"*{_SUFFIX}")] if folder.is_dir() else []
