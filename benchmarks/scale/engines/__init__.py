"""
One module an engine, the same functions in each.

`encode(shapes)` returns the flags as they travel, `encode_change(shapes, index)` what travels
when one of them has changed, and `load(data)` the engine that holds them.
"""

from __future__ import annotations

from typing import Protocol


class Loaded(Protocol):
    """An engine that holds flags."""

    def ask(self, key: str) -> object:
        """Return the value of a flag for the one user."""

    def change(self, data: bytes) -> None:
        """Apply what `encode_change` returned."""
