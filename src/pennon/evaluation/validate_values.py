"""Whether a variation's value is of its flag's type. Integer and float differ on purpose."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from pennon.errors import Fault
from pennon.evaluation.numbers import MAX_SAFE_INTEGER
from pennon.model.flag import FlagType

_BEYOND = "expected an integer within ±(2**53 - 1), which every JSON reader keeps exactly"


def faults_of_value(value: Any, type: FlagType, path: str) -> list[Fault]:
    """Return what keeps *value* from being a value of *type*."""
    match type:
        case "boolean" if not isinstance(value, bool):
            return [Fault(path, "expected true or false")]
        case "string" if not isinstance(value, str):
            return [Fault(path, "expected a string")]
        case "integer" if not isinstance(value, int) or isinstance(value, bool):
            return [Fault(path, "expected an integer")]
        case "float" if not isinstance(value, (int, float)) or isinstance(value, bool):
            return [Fault(path, "expected a number")]
    return list(_faults_within(value, path))


def _faults_within(value: Any, path: str) -> Iterator[Fault]:
    """Find numbers that JSON does not carry, at any depth, without a stack that could end."""
    waiting = [(value, path)]
    while waiting:
        item, at = waiting.pop()
        if isinstance(item, dict):
            waiting.extend((item[name], f"{at}.{name}") for name in reversed(item))
        elif isinstance(item, (list, tuple)):
            waiting.extend((item[i], f"{at}[{i}]") for i in reversed(range(len(item))))
        elif isinstance(item, bool):
            continue
        elif isinstance(item, int) and abs(item) > MAX_SAFE_INTEGER:
            yield Fault(at, _BEYOND)
        elif isinstance(item, float) and not math.isfinite(item):
            yield Fault(at, "expected a finite number")
