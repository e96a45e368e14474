"""
Run the drills at length, on every database that there is on this machine.

    python -m tests.drills [writers] [kills] [tampering] [schema] [cluster] [load] [--only sqlite]

Prints what was done and what was found; ends with 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pennon.origin.database_address import Backend
from tests.drills import cluster, kills, load, schema, tampering, writers
from tests.drills.places import a_place, backends

_MOST_TOLD: Final = 20
_BETWEEN_SECONDS: Final = 3.0

Outcome = (
    writers.Outcome
    | kills.Outcome
    | tampering.Outcome
    | schema.Outcome
    | cluster.Outcome
    | load.Outcome
)
_ONLY_ON: Final[dict[str, Backend]] = {"cluster": "postgresql", "load": "sqlite"}
"""A file has one origin; and to an edge all databases are one."""

Drill = Callable[[Backend, Path, str], Outcome]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as asked for on the command line and return the exit code."""
    options = _options(arguments)

    def write(_backend: Backend, _folder: Path, url: str) -> writers.Outcome:
        return asyncio.run(writers.drill(url, options.seconds, options.seed))

    def kill(backend: Backend, folder: Path, url: str) -> kills.Outcome:
        return asyncio.run(kills.drill(backend, folder, url, options.kills, options.seed))

    def tamper(_backend: Backend, _folder: Path, url: str) -> tampering.Outcome:
        return asyncio.run(tampering.drill(url, options.tamperings, options.seed))

    def ask(backend: Backend, folder: Path, _url: str) -> schema.Outcome:
        return schema.drill(backend, folder, options.examples, options.seed)

    def grow(_backend: Backend, folder: Path, _url: str) -> cluster.Outcome:
        return cluster.drill(folder, cluster.Size(), _BETWEEN_SECONDS, options.seed)

    def ask_an_edge(_backend: Backend, folder: Path, _url: str) -> load.Outcome:
        return load.drill(folder, options.seconds, options.seed)

    drills: dict[str, Drill] = {
        "writers": write,
        "kills": kill,
        "tampering": tamper,
        "schema": ask,
        "cluster": grow,
        "load": ask_an_edge,
    }
    faults = 0
    for name in options.drills or drills:
        for backend in [options.only] if options.only else backends():
            if _ONLY_ON.get(name, backend) != backend:
                continue
            with a_place(backend) as (folder, url):
                outcome = drills[name](backend, folder, url)
            print(f"{name} on {backend}: {outcome}", flush=True)
            for wrong in outcome.wrong[:_MOST_TOLD]:
                print(f"  {wrong}")
            faults += len(outcome.wrong)
    return 1 if faults else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("drills", nargs="*", metavar="DRILL", help="by default all")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="on this one alone")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="for which writers write, and an edge is asked"
    )
    parser.add_argument("--kills", type=int, default=50, help="how often an origin is killed")
    parser.add_argument("--tamperings", type=int, default=100, help="of each kind")
    parser.add_argument("--examples", type=int, default=30, help="requests to each operation")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
