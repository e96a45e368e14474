"""Timing for benchmarks: interleaved rounds, medians, ratios. Nothing here asserts a time."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Hashable, Mapping
from itertools import repeat
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)


def measure(
    calls: Mapping[Name, Callable[[], object]], *, rounds: int, round_ns: int
) -> dict[Name, float]:
    """
    Return the nanoseconds of CPU of each call: the median over *rounds* of about *round_ns* each.

    Every round runs all of the calls in turn, so that a slow minute of the machine slows all alike.
    """
    times = {name: _calls_in(round_ns, call) for name, call in calls.items()}
    taken: dict[Name, list[float]] = {name: [] for name in calls}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in calls.items():
                taken[name].append(_run(call, times[name]) / times[name])
    finally:
        gc.enable()
    return {name: statistics.median(each) for name, each in taken.items()}


def _calls_in(round_ns: int, call: Callable[[], object]) -> int:
    call()  # The first may do what no other does, such as to compile.
    times = 1
    while (spent := _run(call, times)) < round_ns // 8 and times < 1 << 24:
        times *= 2
    return max(1, times * round_ns // max(spent, 1))


def _run(call: Callable[[], object], times: int) -> int:
    started = time.thread_time_ns()
    for _ in repeat(None, times):
        call()
    return time.thread_time_ns() - started
