"""The seam below datafiles: bytes by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Keep = Callable[[bytes], bool]
"""Given the value that is kept now, says whether to leave it."""


class Kv(Protocol):
    """Names are path-like and safe (``shop/production``); values are whole."""

    async def get(self, name: str) -> bytes | None:
        """Return the value, or None when there is none. Raises OSError when it cannot be read."""
        ...

    async def head(self, name: str) -> bytes | None:
        """Return the value's first line, or None when there is none. Raises OSError."""
        ...

    async def put(self, name: str, value: bytes, *, unless: Keep) -> None:
        """
        Replace the value, wholly or not at all, unless the one kept is to be left.

        No other writer comes between the question and the answer. Raises OSError when the value
        cannot be written.
        """
        ...


class MemoryKv:
    """Values in memory: what tests plug in."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    async def get(self, name: str) -> bytes | None:
        return self.values.get(name)

    async def head(self, name: str) -> bytes | None:
        value = self.values.get(name)
        return None if value is None else value.partition(b"\n")[0]

    async def put(self, name: str, value: bytes, *, unless: Keep) -> None:
        if name not in self.values or not unless(self.values[name]):
            self.values[name] = value
