"""
Print what external segments cost: an evaluation whose members are remembered, and memory for them.

    python -m benchmarks.members [--quick]

Figures are nanoseconds of CPU, medians of interleaved rounds, and bytes a key as Python allocates
them. An environment without external segments is evaluated as if there were none anywhere, and is
the measure of the rest.
"""

from __future__ import annotations

import argparse
import tracemalloc
from collections.abc import Callable

import msgspec

from benchmarks.common import measure
from benchmarks.members.node import MEMBER, STRANGER, ANode, a_ruleset
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.model.members import Membership
from pennon.relay.member_entries import Known, MemberEntries, size_of

FLAGS = 100
KEYS, QUICK_KEYS = 100_000, 1_000


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.members", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the figures mean little")
    quick = parser.parse_args(arguments).quick
    rounds, round_ns = (1, 200_000) if quick else (31, 10_000_000)
    _report(measure(_calls(), rounds=rounds, round_ns=round_ns))
    _report_memory(QUICK_KEYS if quick else KEYS)


def _calls() -> dict[str, Callable[[], object]]:
    plain, external = (
        ANode(a_ruleset(FLAGS, external=False)),
        ANode(a_ruleset(FLAGS, external=True)),
    )
    return {
        "one flag, evaluated alone": lambda: evaluate(plain.ruleset, "flag-0", MEMBER),
        "one flag, by what answers requests": lambda: plain.one("flag-0", MEMBER),
        "one flag, for a member": lambda: external.one("flag-0", MEMBER),
        "one flag, for a stranger": lambda: external.one("flag-0", STRANGER),
        f"{FLAGS} flags, evaluated alone": lambda: evaluate_all(plain.ruleset, MEMBER),
        f"{FLAGS} flags, by what answers requests": lambda: plain.all(MEMBER),
        f"{FLAGS} flags, one of them for a member": lambda: external.all(MEMBER),
    }


def _report(figures: dict[str, float]) -> None:
    print("nanoseconds of CPU")
    for name, nanoseconds in figures.items():
        print(f"  {name:42} {nanoseconds:10,.0f}")


def _report_memory(count: int) -> None:
    told = msgspec.json.encode([f"user-{number:08d}" for number in range(2 * count)])
    known = Known(Membership.IN, 0.0)
    tracemalloc.start()
    entries = MemberEntries(count)
    before, _ = tracemalloc.get_traced_memory()
    keys = msgspec.json.decode(told, type=list[str])
    for key in keys:
        entries.put(1, key, known)
    del keys, key
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"bytes a key of {len('user-00000000')} characters, once {count:,} went for others")
    print(f"  {'allocated':42} {(after - before) / len(entries):10,.0f}")
    print(f"  {'accounted for':42} {size_of('user-00000000'):10,}")


if __name__ == "__main__":
    main()
