"""
Print what ten thousand followers of one stream server cost, and what a reconnect storm does.

    python -m benchmarks.fanout [--quick] [--followers 10000] [--pushes 20]

The server is an origin's data plane on the bare server, with SQLite behind it; the followers are
sockets in another process. A push is timed from the moment at which the server has the change in
memory until it has arrived at a follower. The floor is the same bytes from a bare loop.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import msgspec

from benchmarks.fanout.orders import Child
from benchmarks.fanout.usage import Usage

PAUSE = 0.4
"""Seconds between two pushes: each is measured by itself."""
BURST = 25
"""Pushes as fast as they can be committed."""


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.fanout", description=__doc__)
    parser.add_argument("--followers", type=int, default=10_000)
    parser.add_argument("--pushes", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the figures mean little")
    options = parser.parse_args(arguments)
    count, pushes = (50, 3) if options.quick else (options.followers, options.pushes)
    print(f"{count:,} followers, {pushes} pushes; load before: {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory() as folder, Child("hub", folder) as hub:
        size = _fan_out("pennon", hub, count, pushes, storm=True)
    with Child("floor", str(size)) as floor:
        _fan_out("floor: a loop of writes", floor, count, pushes, storm=False)


def _fan_out(name: str, hub: Child, count: int, pushes: int, *, storm: bool) -> int:
    """Measure one server; return the bytes of a push."""
    before = _usage(hub)
    with Child("clients", hub.ready["url"], hub.ready["key"], str(count)) as clients:
        connected = _usage(hub)
        print(f"\n{name}")
        _row("connecting, CPU µs each", (connected.cpu - before.cpu) / count * 1e6)
        grown = connected.resident - before.resident
        _row("memory a connection, bytes", grown / count)
        size = _push(hub, clients, count, pushes, asking=storm)
        if storm:
            _burst(hub, clients, count)
            _storm(hub, clients, count)
    return size


def _push(hub: Child, clients: Child, count: int, pushes: int, *, asking: bool) -> int:
    before = _usage(hub)
    arrivals: list[float] = []
    lasts: list[float] = []
    size = 0
    with _asking(hub.ready["url"] if asking else None) as waits:
        for _ in range(pushes):
            change = hub.ask("change")
            size = change["size"]
            took = [at - change["applied"] for at in clients.ask("arrivals", change["version"])]
            arrivals += took
            lasts.append(max(took))
            time.sleep(PAUSE)
    after = _usage(hub)
    _row("a push reaches: p50, ms", _quantile(arrivals, 50) * 1e3)
    _row("a push reaches: p99, ms", _quantile(arrivals, 99) * 1e3)
    _row("a push reaches the last: median, ms", statistics.median(lasts) * 1e3)
    _row("a push reaches the last: worst, ms", max(lasts) * 1e3)
    _row("CPU µs a follower and push", (after.cpu - before.cpu) / count / pushes * 1e6)
    _row("longest pause of the collector, ms", max(after.pauses, default=0.0) * 1e3)
    if asking:
        _row("statements of SQL a push", (after.statements - before.statements) / pushes)
    if waits:
        _row("a request meanwhile: p99, ms", _quantile(waits, 99) * 1e3)
        _row("a request meanwhile: worst, ms", max(waits) * 1e3)
    return size


def _burst(hub: Child, clients: Child, count: int) -> None:
    """Changes as fast as they are committed: what counts is when the last one is everywhere."""
    before = _usage(hub)
    with _asking(hub.ready["url"]) as waits:
        started = time.monotonic()
        changes = [hub.ask("change") for _ in range(BURST)]
        spent = time.monotonic() - started
        last = max(clients.ask("arrivals", changes[-1]["version"])) - changes[-1]["applied"]
    after = _usage(hub)
    _row(f"{BURST} pushes at once: committed in, ms", spent * 1e3)
    _row("  the last is everywhere after, ms", last * 1e3)
    _row("  CPU µs a follower and push", (after.cpu - before.cpu) / count / BURST * 1e6)
    _row("  a request meanwhile: worst, ms", max(waits) * 1e3)


def _storm(hub: Child, clients: Child, count: int) -> None:
    """All are dropped and come back while changes go on, so that they come from many positions."""
    before = _usage(hub)
    changes = 0
    with _asking(hub.ready["url"]) as waits, ThreadPoolExecutor(1) as beside:
        coming = beside.submit(clients.ask, "storm")
        while not changes or not coming.done():
            hub.ask("change")
            changes += 1
            time.sleep(PAUSE / 4)
        came = coming.result()
    after = _usage(hub)
    _row("reconnect storm: half are back after, s", _quantile(came["back"], 50))
    _row("  all are back after, s", max(came["back"]))
    _row("  memory at most, MB more than before", (after.peak - before.resident) / 1e6)
    _row("  changes meanwhile", changes)
    _row("  statements of SQL a change", (after.statements - before.statements) / changes)
    _row("  longest pause of the collector, ms", max(after.pauses, default=0.0) * 1e3)
    _row("  a request meanwhile: worst, ms", max(waits) * 1e3)
    print(f"  answers: {came['answers']}")


@contextmanager
def _asking(url: str | None) -> Iterator[list[float]]:
    """Ask the server something small again and again, for the length of a block."""
    waits: list[float] = []
    if url is None:
        yield waits
        return
    ended = threading.Event()

    def ask() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        while not ended.wait(0.01):
            started = time.monotonic()
            connection.request("GET", "/healthz/live")
            connection.getresponse().read()
            waits.append(time.monotonic() - started)
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield waits
    finally:
        ended.set()
        thread.join()


def _usage(hub: Child) -> Usage:
    return msgspec.convert(hub.ask("usage"), Usage)


def _quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _row(title: str, value: float) -> None:
    print(f"  {title:<46}{value:>12,.1f}")


if __name__ == "__main__":
    main()
