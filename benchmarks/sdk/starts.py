"""From a client that is made to its first true answer, in a warm process and a fresh one."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from benchmarks.edge.table import Bar, rows
from benchmarks.sdk.clients import CLIENTS

_FRESH: Final = (
    "import json, sys; from benchmarks.sdk.starts import start; "
    "print(start(sys.argv[1], json.loads(sys.argv[2])))"
)


class Starts(NamedTuple):
    """Milliseconds in a process that has made one before, and in fresh ones, imports and all."""

    warm: Sequence[float]
    fresh: Sequence[float]


def measure(urls: Mapping[str, str], times: int, processes: int) -> dict[str, Starts]:
    """Return what starts took, by client."""
    return {
        name: Starts(
            [start(name, urls) for _ in range(times + 1)][1:],
            [_fresh(name, urls) for _ in range(processes)],
        )
        for name in CLIENTS
    }


def report(taken: Mapping[str, Starts]) -> list[Bar]:
    """Print how starts went and return what is to be shown."""
    heads = ("warm p50", "warm p95", "fresh p50", "fresh p95")
    lines = [
        (name, [share(each, at) for each in starts for at in (0.5, 0.95)])
        for name, starts in taken.items()
    ]
    rows("From made to the first true answer, ms", heads, lines)
    ours = taken["pennon"]
    return [
        Bar("start to a true answer, p95", share(ours.warm, 0.95), "ms", "at most", 50.0),
    ]


def start(name: str, urls: Mapping[str, str]) -> float:
    """Return the milliseconds until a client of its own has answered right."""
    began = time.perf_counter()
    client = CLIENTS[name](urls)
    right = client.ask()()
    taken = time.perf_counter() - began
    client.close()
    if right is not True:
        raise SystemExit(f"{name} answered {right!r}")
    return taken * 1e3


def _fresh(name: str, urls: Mapping[str, str]) -> float:
    command = [sys.executable, "-c", _FRESH, name, json.dumps(dict(urls))]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(ran.stdout.split()[-1])


def share(taken: Sequence[float], at: float) -> float:
    """Return the time that *at* of those *taken* are within."""
    if len(taken) < 2:
        return taken[0]
    return statistics.quantiles(taken, n=100, method="inclusive")[round(at * 100) - 1]
