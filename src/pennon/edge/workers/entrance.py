"""Where a process accepts connections: at some of the doors of a port, or at none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Sequence

from pennon.web.bare import BareServer


class Entrance:
    """
    Lets a server accept at those of *doors* that it is told.

    A door is a listening socket that several processes hold: one that stops accepting there
    leaves those who wait to the next, and nobody is turned away.
    """

    def __init__(self, bare: BareServer, doors: Sequence[socket.socket]) -> None:
        self._bare, self._doors = bare, doors
        self._open: dict[int, asyncio.Server] = {}
        self._closed = False

    @property
    def doors(self) -> frozenset[int]:
        """Where it accepts."""
        return frozenset(self._open)

    async def accept_at(self, doors: Collection[int]) -> None:
        """Accept at these *doors*, and at no other."""
        for index in doors:
            if index not in self._open:
                self._open[index] = await self._bare.listen(self._doors[index])
        self._keep(set() if self._closed else set(doors))

    def close(self) -> None:
        """Accept nowhere any more."""
        self._closed = True
        self._keep(set())

    def _keep(self, doors: set[int]) -> None:
        for index in self._open.keys() - doors:
            self._open.pop(index).close()
