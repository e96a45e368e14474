"""
Print what ten thousand flags cost, and how many times as much other SDKs take.

    python -m benchmarks.scale [--quick]

Each engine is measured in processes of its own, by turns; the figures are medians. All must give
the same answers where no split decides. Peers that are not installed are left out. Memory is what
the process grew by, so it needs Linux.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.scale.flags import make_shapes
from benchmarks.scale.probe import Measured

OURS: Final = "pennon"
PEERS: Final = ("eppo", "launchdarkly")
_ROWS: Final[tuple[tuple[str, float, Callable[[Measured], float]], ...]] = (
    ("load, ms", 1e3, lambda each: each.load),
    ("first evaluation of each, ms", 1e3, lambda each: each.first),
    ("both, ms", 1e3, lambda each: each.load + each.first),
    ("every evaluation after, ms", 1e3, lambda each: each.again),
    ("memory when loaded, MB", 1e-6, lambda each: each.loaded_bytes),
    ("memory when all were asked, MB", 1e-6, lambda each: each.asked_bytes),
    ("one change, µs", 1e6, lambda each: each.change),
    ("the first evaluation after it, µs", 1e6, lambda each: each.first_after_change),
)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the figures mean little")
    quick = parser.parse_args(arguments).quick
    count, rounds = (200, 1) if quick else (10_000, 3)
    measured = _measure(count, rounds)
    _check(measured)
    _report(count, measured)


def _measure(count: int, rounds: int) -> dict[str, list[Measured]]:
    shapes = make_shapes(count)
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name in (OURS, *PEERS):
            module = _module(name)
            if module is not None:
                files[name] = Path(folder, name)
                files[name].write_bytes(module.encode(shapes))
        measured: dict[str, list[Measured]] = {name: [] for name in files}
        for _ in range(rounds):
            for name, file in files.items():
                measured[name].append(_probe(name, file, count))
    return measured


def _module(name: str) -> Any:
    try:
        return import_module(f"benchmarks.scale.engines.{name}")
    except ModuleNotFoundError as missing:
        if name == OURS:
            raise
        print(f"{name}: left out, {missing.name} is not installed", file=sys.stderr)
        return None


def _probe(name: str, file: Path, count: int) -> Measured:
    command = [sys.executable, "-m", "benchmarks.scale.probe", name, str(file), str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return msgspec.json.decode(done.stdout, type=Measured)


def _check(measured: dict[str, list[Measured]]) -> None:
    """Exit when a peer answers otherwise than we do where no split decides."""
    ours = measured[OURS][0].values
    for name, each in measured.items():
        if each[0].values != ours:
            sys.exit(f"{name} does not answer as {OURS} does")


def _report(count: int, measured: dict[str, list[Measured]]) -> None:
    peers = [name for name in measured if name != OURS]
    header = "".join(f"{name:>14} {'ratio':>7}" for name in peers)
    print(f"{f'{count:,} flags':46} {OURS:>10}{header}")
    for title, factor, read in _ROWS:
        taken = {
            name: statistics.median(map(read, each)) * factor for name, each in measured.items()
        }
        row = f"{title:46} {taken[OURS]:10,.1f}"
        for name in peers:
            row += f"{taken[name]:14,.1f} {taken[name] / max(taken[OURS], 1e-9):6.2f}x"
        print(row)


if __name__ == "__main__":
    main()
