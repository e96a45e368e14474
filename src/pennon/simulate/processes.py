"""The fleet's processes, each with its share of the PoPs."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from pennon.simulate import orders
from pennon.simulate.nodes import NodeFailed

Answer = TypeVar("Answer")

_LINE_BYTES = 256 * 1024 * 1024


class Hand(NamedTuple):
    """What one process runs, and the words that put it on the far side of a link."""

    fleet: orders.Fleet
    prefix: tuple[str, ...] = ()


class FleetProcesses:
    """PoPs dealt out over some processes, spoken to together."""

    def __init__(self, hands: Sequence[Hand], log: Path) -> None:
        self._hands, self._log = hands, log
        self._processes: list[Process] = []

    async def start(self) -> None:
        """Start every process, and return once every PoP holds its environment."""
        for hand in self._hands:
            with self._log.open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *(*hand.prefix, sys.executable, "-m", "pennon.simulate.fleet"),
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=log,
                    limit=_LINE_BYTES,
                )
            self._processes.append(process)
            self._tell(process, hand.fleet)
        await asyncio.gather(*(self._answer(process, str) for process in self._processes))

    def order(self, order: orders.Slow | orders.Restart) -> None:
        """Give *order* to the processes whose PoPs it names."""
        for process, hand in zip(self._processes, self._hands, strict=True):
            here = {pop.name for pop in hand.fleet.pops}
            if names := tuple(name for name in order.pops if name in here):
                self._tell(process, msgspec.structs.replace(order, pops=names))

    async def standings(self) -> list[orders.Standing]:
        """Return where every PoP stands."""
        answers = await self._ask(orders.Stand(), list[orders.Standing])
        return [standing for answer in answers for standing in answer]

    async def finish(self) -> list[orders.FleetNotes]:
        """End every process and return what it noted."""
        notes = await self._ask(orders.Finish(), orders.FleetNotes)
        await asyncio.gather(*(process.wait() for process in self._processes))
        return notes

    async def kill(self) -> None:
        """End what still runs."""
        for process in self._processes:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _ask(self, order: orders.Order, type: type[Answer]) -> list[Answer]:
        for process in self._processes:
            self._tell(process, order)
        return await asyncio.gather(*(self._answer(process, type) for process in self._processes))

    def _tell(self, process: Process, what: object) -> None:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(what) + b"\n")

    async def _answer(self, process: Process, type: type[Answer]) -> Answer:
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line:
            raise NodeFailed(f"A fleet process ended; see {self._log}")
        return msgspec.json.decode(line, type=type)


def deal(pops: Sequence[orders.Pop], most: int) -> list[tuple[orders.Pop, ...]]:
    """Deal *pops* out over as few processes as hold at most *most* each, regions evenly."""
    count = -(-len(pops) // most)
    return [tuple(pops[number::count]) for number in range(count)]
