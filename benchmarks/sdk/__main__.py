"""
Print what a client takes: to be imported, to start, and to be asked, beside two others.

    python -m benchmarks.sdk [--quick]

Each SDK has the same 100 flags and must give the same answer: Pennon from an edge that runs, the
others from a server of a few lines that says what theirs would. Those that are not installed are
left out. On a machine that does other things, read the ratios.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.edge.pennon import edge
from benchmarks.edge.table import bars
from benchmarks.sdk import calls, importing, starts
from benchmarks.sdk.peers import serving


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.sdk", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the times mean nothing")
    quick = parser.parse_args(arguments).quick
    held = importing.report(importing.measure(times=1 if quick else 15))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with edge(folder) as server, serving(folder) as foreign:
            urls = {"pennon": f"http://127.0.0.1:{server.port}", "others": foreign}
            held += starts.report(starts.measure(urls, 2 if quick else 40, 1 if quick else 12))
            held += calls.report(calls.measure(urls, quick=quick))
    bars(held)


if __name__ == "__main__":
    main()
