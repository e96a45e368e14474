"""Latencies at a fixed rate of requests, of the edge and of nginx by turns."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.edge.options import Options
from benchmarks.edge.pace import Paced, pace
from benchmarks.edge.servers import Server
from benchmarks.edge.table import Bar, rows

_ASKED: Final = ("pennon edge", "nginx, constant")
Figures = Mapping[str, Sequence[Paced]]


def measure(servers: Sequence[Server], options: Options) -> Figures:
    """Return what each round took."""
    taken: dict[str, list[Paced]] = {server.name: [] for server in servers if server.name in _ASKED}
    for _ in range(options.rounds):
        for server in servers:
            if server.name in taken:
                one = pace(server.port, server.asks["single"], options.rate, options.seconds)
                taken[server.name].append(one)
    return taken


def report(figures: Figures, options: Options) -> list[Bar]:
    """Print medians and return what is to be shown."""
    heads = ("p50 ms", "p99 ms", "sent late p99", "requests")
    lines = [
        (name, [statistics.median(each) for each in zip(*taken, strict=True)])
        for name, taken in figures.items()
    ]
    rows(f"One flag, {options.rate:,.0f} times a second, from when each was due", heads, lines)
    ours, floor = (figures.get(name) for name in _ASKED)
    if not (ours and floor):
        return []
    more = statistics.median(one.p99 - two.p99 for one, two in zip(ours, floor, strict=True))
    return [Bar(f"p99 at {options.rate:,.0f}/s, above nginx's", more, "ms", "at most", 1)]
