"""
Send mutated requests to an edge, and to `pennon up`, and see what comes of them.

    python -m tests.fuzz.wire --seed 1 --count 10000

Starts both by itself. Prints what was sent and what came back; ends with 1 where there was a 5xx,
a hang, a leak, an answer to what can be read in two ways, or a good request that was not answered.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.fuzz.wire.nodes import Target, a_fuzzed_pair
from tests.fuzz.wire.run import Fuzz, Tally

_CROWD: Final = 500
"""Clients of each kind that hold connections while others are served."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as asked for on the command line and return the exit code."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="pennon-fuzz-") as folder:
        wrong = 0
        with a_fuzzed_pair(Path(folder)) as targets:
            for target, share in zip(targets, (1.0, 0.1), strict=True):
                wrong += asyncio.run(_fuzz(target, options.seed, round(share * options.count)))
    return 1 if wrong else 0


async def _fuzz(target: Target, seed: int, count: int) -> int:
    """Fuzz one node, tell what came of it, and return how much of it was wrong."""
    started = time.monotonic()
    fuzz = Fuzz(target.port, target.keys, target.stream, seed, ours=target.ours)
    # What is kept for good (code, caches, the first connections) is there after a part of them.
    warm = count // 4
    await fuzz.run(0, warm)
    if target.ours:
        await fuzz.crowd(_CROWD)
    before = await target.rest()
    await fuzz.run(warm, count - warm)
    if target.ours:
        await fuzz.crowd(_CROWD)
    after = await target.rest()
    tally = fuzz.tally
    tally.wrong += target.leaks(before, after)
    _tell(target.name, tally, seed, time.monotonic() - started)
    print(f"  files {before.files} -> {after.files}, memory {_mb(before.bytes)} -> ", end="")
    print(_mb(after.bytes), flush=True)
    return len(tally.wrong)


def _tell(name: str, tally: Tally, seed: int, seconds: float) -> None:
    print(f"{name}, seed {seed}: {tally.sent:,} cases in {seconds:.0f} s")
    counts = ", ".join(
        f"{count:,} times {status}" for status, count in sorted(tally.statuses.items())
    )
    print(f"  answers: {counts}; {tally.unanswered:,} had none")
    print(f"  {len(tally.wrong)} wrong")
    for wrong in tally.wrong:
        print(f"    {wrong}")


def _mb(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.wire", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10_000, help="cases to send to the edge")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
