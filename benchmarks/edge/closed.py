"""Requests a second and CPU a request, of all servers by turns."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.edge.options import Options
from benchmarks.edge.servers import Asked, Server
from benchmarks.edge.table import Bar, rows
from benchmarks.edge.wrk import Taken, load

FLAGSMITH: Final = "Flagsmith (as its proxy)"
Figures = Mapping[tuple[str, Asked], Taken]


def measure(servers: Sequence[Server], options: Options, folder: Path) -> Figures:
    """Return the medians over the rounds, in each of which every server is asked by turns."""
    taken: dict[tuple[str, Asked], list[Taken]] = {}
    for _ in range(options.rounds):
        for server in servers:
            for asked in server.asks:
                one = load(server, asked, options.seconds, folder)
                taken.setdefault((server.name, asked), []).append(one)
    return {name: _median(each) for name, each in taken.items()}


def report(servers: Sequence[Server], figures: Figures) -> list[Bar]:
    """Print what was taken and return what is to be shown."""
    titles: dict[Asked, str] = {
        "single": "One flag of fifteen rules, by 64 connections",
        "varied": "The same, by heads that differ from one request to the next",
        "bulk": "All of 100 flags",
        "304": "All of 100 flags, to who has them already",
    }
    for asked, title in titles.items():
        lines = [
            (server.name, (one.rate, one.cpu, one.p50, one.p99, _share(figures, asked, one)))
            for server in servers
            if (one := figures.get((server.name, asked))) is not None
        ]
        rows(title, ("requests/s", "CPU µs each", "p50 ms", "p99 ms", "of nginx"), lines)
    return list(_bars(figures))


def _share(figures: Figures, asked: Asked, one: Taken) -> float | None:
    floor = figures.get(("nginx, constant", asked))
    return None if floor is None else one.rate / floor.rate


def _bars(figures: Figures) -> list[Bar]:
    edge = {asked: one for (name, asked), one in figures.items() if name == "pennon edge"}
    held = []
    if floor := figures.get(("nginx, constant", "single")):
        share = edge["single"].rate / floor.rate * 100
        held.append(Bar("one flag, of nginx's requests/s", share, "%", "at least", 40))
        share = floor.cpu / edge["single"].cpu * 100
        held.append(Bar("one flag, nginx's CPU in its own", share, "%", "at least", 40))
    # It evaluates all flags to tell of one, so the same question of the same flags is its bulk.
    questions: dict[Asked, str] = {"bulk": "the same flags", "single": "one that has no other"}
    for asked, what in questions.items():
        if other := figures.get((FLAGSMITH, asked)):
            times = edge["single"].rate / other.rate
            held.append(Bar(f"one flag, Flagsmith's: {what}", times, "×", "at least", 30))
    held.append(Bar("100 flags, CPU", edge["bulk"].cpu / 1e3, "ms", "at most", 0.3))
    held.append(Bar("100 flags, requests/s", edge["bulk"].rate, "", "at least", 3000))
    held.append(Bar("304, CPU", edge["304"].cpu, "µs", "at most", 25))
    return held


def _median(taken: Sequence[Taken]) -> Taken:
    return Taken(*(statistics.median(each) for each in zip(*taken, strict=True)))
