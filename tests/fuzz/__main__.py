"""
Compare the evaluators on generated flags and contexts.

    python -m tests.fuzz --seed 1 --count 200000
    python -m tests.fuzz --seed 1 --seconds 60 --without-sdk

Prints what was compared; ends with 1 where evaluators disagree, after writing the smallest case.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.fuzz import sdk, typescript
from tests.fuzz.evaluators import Evaluator, Explained, Interpreted, OursInPython
from tests.fuzz.round_trip import RoundTrip
from tests.fuzz.run import Tally, conformance_case, fuzz, shrink
from tests.fuzz.sdk import Sdk
from tests.fuzz.typescript import OursInTypeScript

_MOST_SHRUNK = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as asked for on the command line and return the exit code."""
    options = _options(arguments)
    evaluators: list[Evaluator] = [
        OursInPython(),
        Interpreted(),
        Explained(),
        RoundTrip(),
    ]
    with ExitStack() as stack:
        if missing := typescript.missing():
            print(f"without TypeScript: {missing}")
        else:
            evaluators.append(stack.enter_context(OursInTypeScript()))
        missing = "not wanted" if options.without_sdk else sdk.missing()
        official = None if missing else Sdk()
        if official:
            evaluators.append(official)
        else:
            print(f"without the SDK: {missing}")
        started = time.monotonic()
        tally = fuzz(evaluators, options.seed, _until(options.count, options.seconds))
        print(f"seed {options.seed}: {tally.pairs:,} pairs of flag and context")
        print(f"{tally.environments:,} environments in {time.monotonic() - started:.1f} s")
        print(f"evaluators: {', '.join(it.name for it in evaluators)}")
        if official:
            print(f"the SDK was asked {tally.pairs - official.left_out.total():,} times")
            for reason, count in official.left_out.most_common():
                print(f"  and not {count:,} times: {reason}")
        print(f"{len(tally.found):,} disagreements")
        return _report(tally, evaluators, options.out)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, help="stop after so many pairs")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    parser.add_argument("--without-sdk", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("build/fuzz-found.json"))
    return parser.parse_args(arguments)


def _until(count: int | None, seconds: float | None) -> Callable[[Tally], bool]:
    if count is None and seconds is None:
        count = 20_000
    end = None if seconds is None else time.monotonic() + seconds

    def go_on(tally: Tally) -> bool:
        if count is not None and tally.pairs >= count:
            return False
        return end is None or time.monotonic() < end

    return go_on


def _report(tally: Tally, evaluators: Sequence[Evaluator], out: Path) -> int:
    if not tally.found:
        return 0
    cases: list[dict[str, Any]] = []
    for found in tally.found[:_MOST_SHRUNK]:
        case = conformance_case(shrink(found, evaluators))
        if all(case["flags"] != known["flags"] for known in cases):
            cases.append(case)
    text = json.dumps({"description": "Found by the fuzz.", "cases": cases}, indent=2)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text + "\n", encoding="utf-8")
    print(text)
    print(f"written to {out}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
