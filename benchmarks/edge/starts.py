"""
How an edge starts from its disk alone: when it answers, what the first requests take, its memory.

A process is up when Python and the modules are there; the time until then is told beside.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from benchmarks.edge.cases import RELAY_KEY
from benchmarks.edge.options import Options
from benchmarks.edge.pennon import BULK, NOWHERE, SINGLE
from benchmarks.edge.servers import Server, ask_once, first_line, started
from benchmarks.edge.table import Bar, rows
from benchmarks.edge.tiers import fill
from pennon.model.ready import NodeReady

_UP: Final = (
    "import sys, pennon.cli.app, pennon.edge.app; print('up', flush=True); "
    "from pennon.cli import main; main()"
)


class Start(NamedTuple):
    """Milliseconds from one moment to the next, and bytes of memory after each of the last two."""

    up: float
    ready: float
    single: float
    bulk: float
    loaded: int
    asked: int


def measure(folder: Path, options: Options) -> dict[int, Start]:
    """Return the medians of starts, by how many flags there were."""
    few = _median(folder / "few", options.flags, options.times)
    return {options.flags: few, options.many: _median(folder / "many", options.many, 1)}


def report(figures: dict[int, Start]) -> list[Bar]:
    """Print how starts went and return what is to be shown."""
    heads = ("until up", "until ready", "first flag", "first bulk", "MB loaded", "MB asked")
    lines = [
        (f"{flags:,} flags", (*one[:4], one.loaded / 1e6, one.asked / 1e6))
        for flags, one in figures.items()
    ]
    rows("Starts from L2 alone, ms", heads, lines)
    flags, one = next(iter(figures.items()))
    return [
        Bar(f"from up to an answer, {flags:,} flags", one.ready + one.single, "ms", "at most", 300),
        Bar("first request once ready", one.single, "ms", "at most", 5),
    ]


def _median(folder: Path, flags: int, times: int) -> Start:
    fill(folder / "edge", flags)
    taken = [_start(folder) for _ in range(times)]
    return Start(*(statistics.median(each) for each in zip(*taken, strict=True)))


def _start(folder: Path) -> Start:
    log = folder / "start.log"
    command = [sys.executable, "-c", _UP, "edge", "--json", "--port", "0", "--parent", NOWHERE]
    command += ["--data", str(folder / "edge"), "--node", "edge-1"]
    began = time.perf_counter()
    with started(command, log, environment={"PENNON_KEY": RELAY_KEY}) as process:
        first_line(process, log)
        up = time.perf_counter()
        told = msgspec.json.decode(first_line(process, log), type=NodeReady)
        ready = time.perf_counter()
        port = int(told.url.rpartition(":")[2])
        server = Server(name="pennon edge", port=port, pid=process.pid, asks={})
        loaded = server.resident_bytes()
        asking = time.perf_counter()
        ask_once(port, SINGLE)
        single = time.perf_counter()
        ask_once(port, BULK)
        bulk = time.perf_counter()
        return Start(
            up=(up - began) * 1e3,
            ready=(ready - up) * 1e3,
            single=(single - asking) * 1e3,
            bulk=(bulk - single) * 1e3,
            loaded=loaded,
            asked=server.resident_bytes(),
        )
