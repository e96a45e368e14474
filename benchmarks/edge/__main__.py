"""
Print what an edge answers with one core, beside others in the same run.

    python -m benchmarks.edge [--quick] [--only closed,open,tiers,starts] [--seconds 3]

Each server is a process on one core, the load comes from another. `scripts/edge-peers` installs
nginx, wrk and the peers; what is missing is named and left out.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.edge import beside, closed, opened, starts, tiers
from benchmarks.edge.nginx import nginx
from benchmarks.edge.options import Options
from benchmarks.edge.pennon import edge
from benchmarks.edge.servers import CLIENT_CORE, CORES, Missing, Server, ask_once, on_core
from benchmarks.edge.table import Bar, bars

PARTS: Final = ("closed", "open", "tiers", "starts")


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.edge", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help="some of the parts")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each server and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the figures mean little")
    asked = parser.parse_args(arguments)
    parts = asked.only.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"expected some of {', '.join(PARTS)}, got {', '.join(sorted(unknown))}")
    options = Options(seconds=asked.seconds, rounds=asked.rounds)
    _run(parts, Options.quick() if asked.quick else options)


def _run(parts: list[str], options: Options) -> None:
    print(f"{len(CORES)} cores; load before: {os.getloadavg()[0]:.2f}")
    held: list[Bar] = []
    with (
        on_core(CLIENT_CORE),
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
    ):
        folder = Path(name)
        if {"closed", "open"}.intersection(parts):
            with _servers(folder, options) as servers:
                held += _ask(servers, parts, options, folder)
        if "tiers" in parts:
            held += tiers.report(tiers.read_all(folder, options.flags), options.flags)
        if "starts" in parts:
            held += starts.report(starts.measure(folder, options))
    bars(held)
    print(f"\nload after: {os.getloadavg()[0]:.2f}")


def _ask(servers: list[Server], parts: list[str], options: Options, folder: Path) -> list[Bar]:
    held: list[Bar] = []
    if "closed" in parts:
        try:
            held += closed.report(servers, closed.measure(servers, options, folder))
        except Missing as missing:
            _left_out(missing)
    if "open" in parts:
        held += opened.report(opened.measure(servers, options), options)
    return held


@contextmanager
def _servers(folder: Path, options: Options) -> Iterator[list[Server]]:
    """Run the edge, and whoever of the others is installed."""
    with ExitStack() as running:
        ours = running.enter_context(edge(folder))
        answer = ask_once(ours.port, ours.asks["single"]).body
        others: list[Callable[[Path], AbstractContextManager[Server]]] = [
            partial(nginx, body=answer)
        ]
        if options.peers:
            others += [beside.unleash, beside.plain, beside.flagsmith]
        servers = [ours]
        for number, start in enumerate(others):
            own = folder / f"other-{number}"
            own.mkdir()
            try:
                servers.append(running.enter_context(start(own)))
            except Missing as missing:
                _left_out(missing)
        yield servers


def _left_out(missing: Missing) -> None:
    print(f"Left out, since it is not installed (scripts/edge-peers): {missing}")


if __name__ == "__main__":
    main()
