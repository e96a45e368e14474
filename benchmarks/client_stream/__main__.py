"""
Print what it costs to push evaluated answers to ten thousand pages.

    python -m benchmarks.client_stream [--quick] [--pages 10000] [--flags 100] [--changes 10]

The edge is a data plane on the bare server, its environment set by hand; the pages are sockets in
another process. A change is timed from the moment at which the edge has it in memory until it has
arrived at a page. One time each page has a context of its own, one time a hundred share one;
every change is one that all answers change by.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import msgspec

from benchmarks.fanout.orders import Child
from benchmarks.fanout.usage import Usage

PACKAGE = "benchmarks.client_stream"
PAUSE = 0.4
"""Seconds between two changes: each is measured by itself."""


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(prog=PACKAGE, description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--flags", type=int, default=100)
    parser.add_argument("--changes", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the figures mean little")
    options = parser.parse_args(arguments)
    pages, changes = (50, 2) if options.quick else (options.pages, options.changes)
    pause = 0.05 if options.quick else PAUSE
    print(f"{pages:,} pages, {options.flags} flags; load before: {os.getloadavg()[0]:.2f}")
    for contexts in (pages, max(1, pages // 100)):
        with Child("edge", str(options.flags), package=PACKAGE) as edge:
            _measure(edge, pages, contexts, changes, pause)


def _measure(edge: Child, pages: int, contexts: int, changes: int, pause: float) -> None:
    print(f"\n{contexts:,} contexts")
    before = _usage(edge)
    url, key = edge.ready["url"], edge.ready["key"]
    with Child("pages", url, key, str(pages), str(contexts), package=PACKAGE) as held:
        connected = _usage(edge)
        _row("opening, CPU µs a page", (connected.cpu - before.cpu) / pages * 1e6)
        _row("memory a page, bytes", (connected.resident - before.resident) / pages)
        arrivals: list[float] = []
        lasts: list[float] = []
        with _asking(url, key) as waits:
            for _ in range(changes):
                change = edge.ask("change")
                took = [at - change["applied"] for at in held.ask("arrivals", change["version"])]
                arrivals += took
                lasts.append(max(took))
                time.sleep(pause)
        after = _usage(edge)
        spent = after.cpu - connected.cpu
        _row("a change reaches: p50, ms", _quantile(arrivals, 50) * 1e3)
        _row("a change reaches the last: median, ms", statistics.median(lasts) * 1e3)
        _row("a change reaches the last: worst, ms", max(lasts) * 1e3)
        _row("CPU µs a page and change, with the requests", spent / pages / changes * 1e6)
        _row("an evaluation meanwhile: p50, ms", _quantile(waits, 50) * 1e3)
        _row("an evaluation meanwhile: p99, ms", _quantile(waits, 99) * 1e3)
        _row("an evaluation meanwhile: worst, ms", max(waits) * 1e3)
        edge.ask("whole")
        with _asking(url, key) as waits:
            time.sleep(3 * pause)
        _row("everything anew: an evaluation's worst, ms", max(waits) * 1e3)


@contextmanager
def _asking(url: str, key: str) -> Iterator[list[float]]:
    """Ask for one flag again and again, for the length of a block."""
    waits: list[float] = []
    ended = threading.Event()
    body = json.dumps({"context": {"targetingKey": "asker"}})
    headers = {"authorization": f"Bearer {key}"}

    def ask() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        while not ended.wait(0.002):
            started = time.monotonic()
            connection.request("POST", "/ofrep/v1/evaluate/flags/flag-0", body, headers)
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


def _usage(child: Child) -> Usage:
    return msgspec.convert(child.ask("usage"), Usage)


def _quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _row(title: str, value: float) -> None:
    print(f"  {title:<46}{value:>12,.1f}")


if __name__ == "__main__":
    main()
