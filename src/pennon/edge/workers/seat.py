"""What a worker is told at its start: which of how many it is, and what it was handed."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Final

import msgspec

VARIABLE: Final = "PENNON_WORKER"
"""The environment variable that makes a worker of a process that the supervisor starts."""


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """`doors` and `control` are file descriptors: a listening socket a worker, and the line up."""

    index: int
    doors: tuple[int, ...]
    control: int

    @property
    def count(self) -> int:
        """How many workers there are."""
        return len(self.doors)

    @property
    def name(self) -> str:
        """The worker's own name, such as w0."""
        return f"w{self.index}"

    def variable(self) -> dict[str, str]:
        """Return the variable that tells a process of its seat."""
        return {VARIABLE: msgspec.json.encode(self).decode()}


def take_seat(environ: MutableMapping[str, str]) -> Seat | None:
    """Return the seat that a supervisor has given this process; its children have none."""
    told = environ.pop(VARIABLE, None)
    return None if told is None else msgspec.json.decode(told, type=Seat)
