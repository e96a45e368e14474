"""Which values are JSON numbers, and what they are as float64, the one type they compare in."""

from __future__ import annotations

import math
from typing import Any

MAX_SAFE_INTEGER = 2**53 - 1
"""The greatest integer that every JSON reader keeps exactly."""


def as_number(value: Any) -> float | None:
    """Return *value* as float64, or None when it is no number. A boolean is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return None
