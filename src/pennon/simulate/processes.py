"""The fleet's processes, each with its share of the PoPs."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from pennon.simulate import orders
from pennon.simulate.nodes import NodeFailed

Answer = TypeVar("Answer")

_LINE_BYTES = 256 * 1024 * 1024


class FleetProcesses:
    """PoPs dealt out over some processes, spoken to together."""

    def __init__(self, fleets: Sequence[orders.Fleet], log: Path) -> None:
        self._fleets, self._log = fleets, log
        self._processes: list[Process] = []

    async def start(self) -> None:
        """Start every process, and return once every PoP holds its environment."""
        for fleet in self._fleets:
            with self._log.open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "pennon.simulate.fleet"),
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=log,
                    limit=_LINE_BYTES,
                )
            self._processes.append(process)
            self._tell(process, fleet)
        await asyncio.gather(*(self._answer(process, str) for process in self._processes))

    def order(self, order: orders.Slow | orders.Restart) -> None:
        """Give *order* to the processes whose PoPs it names."""
        for process, fleet in zip(self._processes, self._fleets, strict=True):
            here = {pop.name for pop in fleet.pops}
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


def deal(pops: Collection[orders.Pop], count: int) -> list[list[orders.Pop]]:
    """Deal *pops* out over *count* processes, the regions evenly."""
    hands: Iterable[list[orders.Pop]] = ([] for _ in range(count))
    dealt = list(hands)
    for number, pop in enumerate(pops):
        dealt[number % count].append(pop)
    return [hand for hand in dealt if hand]
