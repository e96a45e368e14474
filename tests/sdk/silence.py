"""
A network that swallows everything for a while, between a client and its origin.

    python -m tests.sdk.silence SECONDS
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from pennon.sdk.aio import AsyncClient
from pennon.simulate.link import Link
from pennon.simulate.scenario import Conditions
from tests.builders.sdk import PATIENCE
from tests.tree.asking import Origin
from tests.tree.processes import Tree, a_tree

_PRO = {"targetingKey": "ada", "plan": "pro"}
_FLAG = "new-checkout"


@dataclass
class Told:
    """What a client said while nothing came through, and how it came back."""

    values: set[bool] = field(default_factory=set)
    stale_ms: list[int] = field(default_factory=list)
    trouble: str | None = None
    tries_after: int = 0
    value_after: bool | None = None


async def drill(tree: Tree, *, silent: float) -> Told:
    """Have nothing come through for so many seconds after the client has noticed."""
    told = Told()
    origin = Origin(tree)
    await asyncio.to_thread(origin.switch, True)
    at = urlsplit(tree.url)
    link = Link(str(at.hostname), at.port or 0, Conditions(), Random(1))
    await link.start()
    client = AsyncClient(
        tree.keys["serverKey"], link.url, idle_seconds=2.0, stale_seconds=0.5, timeout=2.0
    )
    try:
        await _until(lambda: client.boolean(_FLAG, _PRO))
        link.partition(True)
        await asyncio.to_thread(origin.switch, False)
        await _until(lambda: client.status.trouble is not None)
        ends = asyncio.get_running_loop().time() + silent
        while asyncio.get_running_loop().time() < ends:
            detail = client.boolean_detail(_FLAG, _PRO)
            told.values.add(detail.value)
            told.stale_ms.append(detail.stale_ms or 0)
            await asyncio.sleep(0.05)
        told.trouble = client.status.trouble
        # What was asked before the network was back is lost still.
        lost = client.stats.streams_lost + 1
        link.partition(False)
        await _until(lambda: not client.boolean(_FLAG, _PRO))
        told.tries_after = max(0, client.stats.streams_lost - lost)
        told.value_after = client.boolean(_FLAG, _PRO)
    finally:
        await client.close()
        await link.stop()
    return told


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE * 4):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def main(seconds: float) -> None:
    """Print what a client told of so many seconds of silence."""
    with tempfile.TemporaryDirectory() as folder, a_tree(Path(folder)) as tree:
        tree.start_origin()
        told = asyncio.run(drill(tree, silent=seconds))
    ages = f"{told.stale_ms[0]} to {told.stale_ms[-1]} ms old"
    print(f"{told.values}, {ages}, {told.trouble}; back after {told.tries_after} more tries")


if __name__ == "__main__":
    main(float(sys.argv[1]))
