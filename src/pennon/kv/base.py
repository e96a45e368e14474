"""The seam below datafiles: bytes by name."""

from __future__ import annotations

from typing import Protocol


class Kv(Protocol):
    """Names are path-like and safe (``shop/production``); values are whole."""

    async def get(self, name: str) -> bytes | None:
        """Return the value, or None when there is none. Raises OSError when it cannot be read."""
        ...

    async def put(self, name: str, value: bytes) -> None:
        """Replace the value, wholly or not at all. Raises OSError when it cannot be written."""
        ...


class MemoryKv:
    """Values in memory: what tests plug in."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    async def get(self, name: str) -> bytes | None:
        return self.values.get(name)

    async def put(self, name: str, value: bytes) -> None:
        self.values[name] = value
