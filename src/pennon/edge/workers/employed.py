"""What a supervisor knows of a worker; `pennon.edge.workers.child.Child` is a process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from pennon.edge.workers.channel import Gathered
from pennon.edge.workers.families import Family


class Employed(Protocol):
    """A worker from its start until it is gone."""

    name: str
    environments: tuple[str, ...]
    left: asyncio.Event
    """Set once it was told to stop, by whomever, or is gone."""

    @property
    def pid(self) -> int:
        """The number of its process."""
        ...

    @property
    def code(self) -> int | None:
        """How it ended, if it has: its exit code, or minus the signal that killed it."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it has said that it is ready, and has not left."""
        ...

    @property
    def served_seconds(self) -> float:
        """For how long it has been ready."""
        ...

    async def attend(self, gather: Callable[[Employed, int], object]) -> None:
        """Listen to it until it is gone; *gather* the metrics of all when it asks for them."""
        ...

    async def until_ready(self, seconds: float) -> bool:
        """Return whether it is ready within *seconds*."""
        ...

    def serve(self, doors: tuple[int, ...]) -> None:
        """Have it accept at *doors*, and at no other."""
        ...

    async def answers(self, seconds: float) -> bool:
        """Return whether it says something within *seconds*, as one that hangs does not."""
        ...

    async def collect(self, seconds: float) -> tuple[Family, ...] | None:
        """Return its metrics, or None when it does not tell them within *seconds*."""
        ...

    def tell(self, gathered: Gathered) -> None:
        """Give it the metrics of all, for which it has asked."""
        ...

    def terminate(self) -> None:
        """Tell it to finish what it is at and to end."""
        ...

    def kill(self) -> None:
        """End it now."""
        ...


Start = Callable[[int, Callable[[], None]], Awaitable[Employed]]
"""Starts a worker in a place, and has the function called whenever something of it changes."""
