"""
What an edge of two workers gains, and how they may share their port.

    python -m benchmarks.workers [--seconds 3] [--rounds 3]

Rounds with one worker and with two are interleaved. wrk runs on the same machine and takes its
part of it: on two cores, two workers cannot be twice as fast as one.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.workers.doors import CONNECTIONS, balance, closings
from benchmarks.workers.rates import Rate, load, median
from tests.tree.processes import a_tree

_COUNTS: Final = (1, 2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    print(f"{CONNECTIONS} connections, opened at once, on two processes:")
    for name, shared in (("one socket", True), ("a door each", False)):
        print(f"  {name:<34}{' : '.join(map(str, balance(shared)))}")

    print("requests lost while one of two doors is closed and opened again, all the time:")
    for name, held in (("closed by the only one that has it", False), ("held above", True)):
        asked, lost = closings(held, options.seconds)
        print(f"  {name:<34}{lost} of {asked}")

    print("all flags of a user, requests a second:")
    for count, rate in rates(options.rounds, options.seconds).items():
        name = "one worker" if count == 1 else f"{count} workers"
        print(f"  {name:<34}{rate.rate:.0f}, CPU {rate.shares}")


def rates(rounds: int, seconds: int) -> dict[int, Rate]:
    """Return the rate of an edge with one worker and with two."""
    with tempfile.TemporaryDirectory() as name, a_tree(folder := Path(name)) as tree:
        tree.start_origin()
        edges = {
            count: tree.start_edge(f"edge-{count}", "--workers", str(count)) for count in _COUNTS
        }
        for edge in edges.values():
            edge.until_ready()
        taken: dict[int, list[Rate]] = {count: [] for count in _COUNTS}
        for _ in range(rounds):
            for count, edge in edges.items():
                one = load(edge, tree, folder, seconds=seconds, connections=CONNECTIONS)
                taken[count].append(one)
        return {count: median(each) for count, each in taken.items()}


if __name__ == "__main__":
    main()
