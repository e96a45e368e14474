"""
Print what counting costs: an evaluation, and an OFREP request; and how fast events are taken.

    python -m benchmarks.collector [--quick]

Figures are nanoseconds of CPU, medians of interleaved rounds. A request is answered by the data
plane itself, without a socket, so that its share of counting is an upper bound: a real one costs
the same and the server's work besides.
"""

from __future__ import annotations

import argparse
import asyncio
import tracemalloc
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.collector.edge import BULK, SHOP, SINGLE, a_plane, an_experiment, some_answers
from benchmarks.collector.ingest import edge_rate, origin_rate
from benchmarks.common import measure
from pennon.edge.exposures import Exposures
from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.ruleset import Ruleset
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.origin.services import wall_clock
from pennon.relay.exposed import MOST, Exposed, identity_of
from pennon.relay.tally import Tally

ANSWERS = 100
AIM_NS = 30.0
AIM_SHARE = 0.05


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.collector", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the figures mean little")
    quick = parser.parse_args(arguments).quick
    rounds, round_ns = (1, 200_000) if quick else (31, 20_000_000)
    _report_evaluations(measure(_evaluations(), rounds=rounds, round_ns=round_ns))
    _report_requests(measure(_requests(), rounds=rounds, round_ns=round_ns))
    _report_exposures(measure(_exposures(), rounds=rounds, round_ns=round_ns))
    with TemporaryDirectory() as folder:
        asyncio.run(_report_ingest(Path(folder), quick=quick))


def _evaluations() -> dict[str, Callable[[], object]]:
    answers = some_answers(ANSWERS)
    tally, seen = Tally(0), dict.fromkeys(answers, 0)

    def walk() -> None:
        for _answer in answers:
            pass

    def call() -> None:
        function = _nothing
        for answer in answers:
            function(answer)

    def counting() -> None:
        function = tally.count
        for answer in answers:
            function(answer)

    def in_place() -> None:
        held = seen
        for answer in answers:
            try:
                held[answer] += 1
            except KeyError:
                held[answer] = 1

    return {
        "nothing": walk,
        "a call that does nothing": call,
        "Tally.count, a call": counting,
        "the same, in place": in_place,
        "Tally.count_all, in bulk": lambda: tally.count_all(answers),
    }


def _nothing(answer: Detail) -> None:
    return


def _report_evaluations(taken: dict[str, float]) -> None:
    floor = taken.pop("nothing")
    print(f"An evaluation, ns of CPU on top of the loop's {floor / ANSWERS:.0f}:")
    for name, total in taken.items():
        bulk = name.endswith("bulk")
        cost = (total if bulk else total - floor) / ANSWERS
        print(f"  {name:<28}{cost:8.0f}   {cost / AIM_NS:5.2f} of the aim of {AIM_NS:.0f}")


def _requests() -> dict[tuple[str, bool], Callable[[], object]]:
    calls: dict[tuple[str, bool], Callable[[], object]] = {}
    cases = (
        ("one flag", SINGLE, False),
        ("one flag, an experiment", SINGLE, True),
        ("all of 100 flags", BULK, False),
    )
    for counted in (False, True):
        for name, request, tracked in cases:
            plane = a_plane(counted=counted, tracked=tracked)
            calls[name, counted] = lambda plane=plane, request=request: plane.answer(request)  # type: ignore[misc]  # bound here
    return calls


def _report_requests(taken: dict[tuple[str, bool], float]) -> None:
    print("\nAn OFREP request, µs of CPU without its server:")
    for name in dict.fromkeys(name for name, _ in taken):
        plain, counted = taken[name, False] / 1e3, taken[name, True] / 1e3
        share = (counted - plain) / counted
        print(
            f"  {name:<28}{plain:8.1f} without, {counted:8.1f} with counting: "
            f"{share:6.1%} (aim: {AIM_SHARE:.0%})"
        )


def _exposures() -> dict[str, Callable[[], object]]:
    flag = an_experiment(0)
    answer = evaluate(Ruleset.of(1, {flag.key: flag}, {}), flag.key, _ADA)
    known, new = (Exposures(Exposed(3600.0, 0.0), wall_clock) for _ in range(2))
    numbers = count()

    def another() -> None:
        new.see(SHOP, flag, answer, Context({"user": {"key": f"user-{next(numbers)}"}}))
        if new.many.is_set():
            new.take()

    return {
        "of someone told of": lambda: known.see(SHOP, flag, answer, _ADA),
        "of someone new": another,
    }


def _report_exposures(taken: dict[str, float]) -> None:
    print("\nAn exposure, ns of CPU:")
    for name, cost in taken.items():
        print(f"  {name:<28}{cost:8.0f}")
    tracemalloc.start()
    exposed = Exposed(3600.0, 0.0)
    for number in range(MOST):
        exposed.add(identity_of(SHOP, "flag-7", 1, "on", "user", f"user-{number}"))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"  {MOST:,} remembered take {held / 1e6:.1f} MB, {held / MOST:.0f} bytes each")


async def _report_ingest(folder: Path, *, quick: bool) -> None:
    kept, cost = await edge_rate(folder / "events", 20 if quick else 2_000)
    print("\nEvents a second, one process, this disk:")
    print(f"  {'told to an edge':<28}{kept:8.0f}   {cost:.1f} µs of CPU each")
    for name, rate in (await origin_rate(folder, 1 if quick else 20)).items():
        print(f"  {f'{name}, at an origin':<28}{rate:8.0f}   on SQLite")


_ADA = Context({"user": {"key": "ada", "plan": "pro"}})


if __name__ == "__main__":
    main()
