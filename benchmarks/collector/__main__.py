"""
Print what counting costs: an evaluation, and an OFREP request.

    python -m benchmarks.collector [--quick]

Figures are nanoseconds of CPU, medians of interleaved rounds. A request is answered by the data
plane itself, without a socket, so that its share of counting is an upper bound: a real one costs
the same and the server's work besides.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks.collector.edge import BULK, SINGLE, a_plane, some_answers
from benchmarks.common import measure
from pennon.model.detail import Detail
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

    def count() -> None:
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
        "Tally.count, a call": count,
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
    for counted in (False, True):
        plane = a_plane(counted=counted)
        for name, request in (("one flag", SINGLE), ("all of 100 flags", BULK)):
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


if __name__ == "__main__":
    main()
