"""
How long a change takes from its commit at one origin to an edge below another, by bus.

    python -m benchmarks.bus [--changes 60]

Two origins share a PostgreSQL, and an edge follows the second, all as processes; changes are made
at the first, at random moments. Time runs from the start of the transaction, which the origin
stamps in whole milliseconds, to the moment when the edge, having applied the change, tells it on.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx2

from tests.builders.nats import a_nats
from tests.tree.origins import Pair, a_pair

_ENVIRONMENT = "shop/production"


def follow(pair: Pair, count: int, found: list[float], listening: threading.Event) -> None:
    """Note how old each of *count* changes is when the edge tells of it."""
    headers = {"Authorization": f"Bearer {pair.keys['relayKey']}"}
    url = f"{pair.edge.ready['url']}/sync/v1/stream"
    query = {"environment": _ENVIRONMENT}
    with httpx2.stream("GET", url, params=query, headers=headers, timeout=60) as answer:
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
                listening.set()
            elif line.startswith("data: ") and name == "flag_update":
                committed_at = json.loads(line.removeprefix("data: "))["committedAt"]
                found.append(time.time() * 1000 - committed_at)
                if len(found) == count:
                    return


def measure(changes: int, *options: str) -> list[float]:
    """Return the milliseconds of each of *changes* changes."""
    found: list[float] = []
    with tempfile.TemporaryDirectory() as folder, a_pair(Path(folder), *options) as pair:
        listening = threading.Event()
        reader = threading.Thread(target=follow, args=(pair, changes, found, listening))
        reader.start()
        listening.wait(60)
        for number in range(changes):
            pair.switch(number % 2 == 0)
            time.sleep(random.uniform(0.05, 0.25))
        reader.join(60)
    return found


def report(name: str, times: Sequence[float]) -> None:
    """Print a line of the table."""
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    print(
        f"{name:<24}{cuts[49]:>9.1f}{cuts[94]:>9.1f}{max(times):>9.1f}   ms, {len(times)} changes"
    )


def main() -> None:
    """Measure each bus."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bus")
    parser.add_argument("--changes", type=int, default=60)
    changes = parser.parse_args().changes
    print(f"{'bus':<24}{'p50':>9}{'p95':>9}{'worst':>9}")
    with ExitStack() as running:
        nats = running.enter_context(a_nats())
        report("postgres (NOTIFY)", measure(changes, "--bus", "postgres"))
        report("nats", measure(changes, "--bus", nats.url))
        report("none (a tick of 1 s)", measure(changes, "--bus", "memory"))


if __name__ == "__main__":
    main()
