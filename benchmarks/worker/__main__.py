"""
Print how fast a change reaches a worker under workerd, and what an answer of it takes.

    python -m benchmarks.worker [--changes 200] [--pause 0.3] [--quick]

A change is made at a node in this process; it has arrived when an answer has its version, asked
for every 2 ms over loopback. By default the run outlives several leases of 25 s. An answer's time
is a round trip on one connection, beside one that evaluates nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import statistics
import time

from pennon.edge.ofrep import FLAGS_PATH
from pennon.model.flag import Flag
from tests.builders.edge import SERVER, AnEdge
from tests.builders.flags import a_clause, a_flag, a_rule
from tests.builders.workerd import Story, Workerd, a_story

_POLL_SECONDS = 0.002
_ADA = {"context": {"targetingKey": "ada", "plan": "pro"}}


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.worker", description=__doc__)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--pause", type=float, default=0.3, help="seconds between two, on average")
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the figures mean little")
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.changes, asked.pause, asked.requests = 5, 0.0, 20
    asyncio.run(_run(asked.changes, asked.pause, asked.requests))


async def _run(changes: int, pause: float, requests: int) -> None:
    print(f"{'from the change to an answer with it, ms':<44}{'p50':>8}{'p99':>8}{'max':>8}")
    for name, hub in (("through the hub", True), ("asked every 500 ms, without a hub", False)):
        async with a_story(AnEdge(a_flag()), hub=hub) as story:
            taken = await _propagation(story, changes, pause)
        p50, p99 = statistics.median(taken), _p99(taken)
        print(f"{name:<44}{p50:8.1f}{p99:8.1f}{max(taken):8.1f}")
    async with a_story(AnEdge(*_flags(100))) as story:
        await story.worker.until_at(1, SERVER)
        await _answers(story.worker, requests)


async def _propagation(story: Story, changes: int, pause: float) -> list[float]:
    await story.worker.until_at(1, SERVER)
    taken = []
    for version in range(2, changes + 2):
        await asyncio.sleep(2 * pause * random.random())
        began = time.perf_counter()
        story.edge.change(version, a_flag(version=version))
        while await story.worker.version(SERVER) != version:  # noqa: ASYNC110  # another process
            await asyncio.sleep(_POLL_SECONDS)
        taken.append(1000 * (time.perf_counter() - began))
    return taken


async def _answers(worker: Workerd, requests: int) -> None:
    async def nothing() -> None:
        await worker.client.options(FLAGS_PATH)

    async def one() -> None:
        await worker.post(f"{FLAGS_PATH}/f0", _ADA, key=SERVER)

    async def all_of_them() -> None:
        await worker.post(FLAGS_PATH, _ADA, key=SERVER)

    calls = {"a preflight": nothing, "one flag": one, "all of 100 flags": all_of_them}
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(requests):
        for name, call in calls.items():
            began = time.perf_counter()
            await call()
            taken[name].append(1e6 * (time.perf_counter() - began))
    medians = {name: statistics.median(each) for name, each in taken.items()}
    print(f"\n{'round trip, the median, µs':<44}{'':>8}{'ratio':>8}")
    for name, median in medians.items():
        print(f"{name:<44}{median:8.0f}{median / medians['a preflight']:8.2f}")


def _flags(count: int) -> list[Flag]:
    rules = (a_rule(a_clause("plan", "in", "pro")),)
    return [a_flag(f"f{number}", rules=rules) for number in range(count)]


def _p99(taken: list[float]) -> float:
    return sorted(taken)[math.ceil(0.99 * len(taken)) - 1]


if __name__ == "__main__":
    main()
