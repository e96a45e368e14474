"""
Print nanoseconds an evaluation, and how many times as long the others take.

    python -m benchmarks.evaluate [--quick]

Each engine must first give the expected answer in every case. Peers that are not installed are
left out. The context is made once for engines that have such an object, and passed as a dict to
those that have not.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import ModuleType

from benchmarks.common import measure
from benchmarks.evaluate import cases

OURS = "pennon"
PEERS = ("eppo", "launchdarkly")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.evaluate", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the times mean nothing")
    quick = parser.parse_args(arguments).quick
    calls: dict[tuple[str, str], Callable[[], object]] = dict(_floors())
    engines = _engines()
    for name, engine in engines.items():
        made = engine.calls()
        check(name, {case: engine.value_of(call()) for case, call in made.items()})
        calls.update({(name, case): call for case, call in made.items()})
    rounds, round_ns = (3, 100_000) if quick else (15, 10_000_000)
    _report(list(engines), measure(calls, rounds=rounds, round_ns=round_ns))


def check(engine: str, values: dict[str, object]) -> None:
    """Exit when an engine does not answer what the cases expect."""
    for case in cases.CASES:
        value = values[case.name]
        if case.flag is None:
            right = isinstance(value, dict) and len(value) == cases.MANY and _is_mixed(value)
        else:
            right = isinstance(value, bool) and case.expected in (None, value)
        if not right:
            sys.exit(f"{engine} answers {str(value)[:80]} in the case {case.name!r}")


def _is_mixed(values: dict[str, object]) -> bool:
    expected = {"off": False, "rules": True, "on": True}
    for index in range(cases.MANY):
        value = values[f"flag-{index}"]
        if not isinstance(value, bool) or expected.get(cases.flag_of_many(index), value) != value:
            return False
    return True


def _engines() -> dict[str, ModuleType]:
    engines = {OURS: import_module(f"benchmarks.evaluate.engines.{OURS}")}
    for name in PEERS:
        try:
            engines[name] = import_module(f"benchmarks.evaluate.engines.{name}")
        except ModuleNotFoundError as missing:
            print(f"{name}: left out, {missing.name} is not installed", file=sys.stderr)
    return engines


def _floors() -> dict[tuple[str, str], Callable[[], object]]:
    table, text = {f"flag-{index}": index for index in range(1000)}, b"split.salt.user-1234"
    return {
        ("floor", "an empty call"): partial(_nothing, 1, 2, 3),
        ("floor", "a call and a look-up in a dict"): partial(_look_up, table, "flag-500", 3),
        ("floor", "a call and one SHA-1"): partial(_hash, text, 2, 3),
    }


def _nothing(one: object, two: object, three: object) -> None:
    return None


def _look_up(table: dict[str, int], key: str, three: object) -> int | None:
    return table.get(key)


def _hash(text: bytes, two: object, three: object) -> bytes:
    return hashlib.sha1(text).digest()


def _report(engines: list[str], taken: dict[tuple[str, str], float]) -> None:
    peers = [name for name in engines if name != OURS]
    header = "".join(f"{name:>14} {'ratio':>7}" for name in peers)
    print(f"{'nanoseconds an evaluation':46} {OURS:>10}{header}")
    for case in cases.CASES:
        ours = taken[OURS, case.name]
        row = f"{case.title:46} {ours:10,.0f}"
        for name in peers:
            theirs = taken[name, case.name]
            row += f"{theirs:14,.0f} {theirs / ours:6.2f}x"
        print(row)
    for (kind, name), nanoseconds in taken.items():
        if kind == "floor":
            print(f"{'floor: ' + name:46} {nanoseconds:10,.0f}")


if __name__ == "__main__":
    main()
