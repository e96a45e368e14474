"""Has flags compiled before the first request comes: they are compiled when first asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from pennon.evaluation.compile import get_ready
from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.ruleset import Ruleset
from pennon.model.context import Context

WARM_SECONDS: Final = 0.1
"""For how long flags are compiled before a node is ready: a few thousand of them."""
_NOBODY: Final = Context({"user": {}})


def warm(
    rulesets: Iterable[Ruleset],
    seconds: float = WARM_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """
    Evaluate each flag once, for nobody, until *seconds* are over; return how many were.

    The others are compiled by whoever asks for them first, as all are that come later.
    """
    get_ready()
    until, count = clock() + seconds, 0
    for ruleset in rulesets:
        for key in ruleset:
            if clock() >= until:
                return count
            evaluate(ruleset, key, _NOBODY)
            count += 1
    return count
