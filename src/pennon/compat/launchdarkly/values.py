"""
The values of a clause, written so that every SDK reads them as we do.

A value that could never match (a word where a number is compared, a version that is none) is
left out, since not all readers are as strict. Moments become epoch milliseconds and versions get
their three numbers, since readers differ on what else they take.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from pennon.compat.launchdarkly.patterns import export_pattern
from pennon.errors import Refused
from pennon.evaluation.dates import moment
from pennon.evaluation.numbers import MAX_SAFE_INTEGER, as_number
from pennon.evaluation.semver import parse_version

Convert = Callable[[Any, str], Any]
"""Takes a value and its path; returns the value as written, or None where it can never match."""

_CORE: Final = re.compile("[0-9.]+", re.ASCII)


def export_values(values: Iterable[Any], convert: Convert, path: str) -> tuple[Any, ...]:
    """Return *values* as *convert* writes them. Raises Refused where one cannot be written."""
    written = (convert(value, f"{path}.values[{i}]") for i, value in enumerate(values))
    return tuple(value for value in written if value is not None)


def text(value: Any, path: str) -> str | None:
    """Write what a text is compared with."""
    return value if isinstance(value, str) else None


def pattern(value: Any, path: str) -> str | None:
    """Write a regular expression."""
    return export_pattern(value, path) if isinstance(value, str) else None


def number(value: Any, path: str) -> int | float | None:
    """Write a number as the float64 that it is compared as; 33.0 as 33."""
    return _plain(as_number(value), path)


def instant(value: Any, path: str) -> int | float | None:
    """Write a moment as epoch milliseconds."""
    return _plain(moment(value), path)


def version(value: Any, path: str) -> str | None:
    """Write a version with its three numbers."""
    if parse_version(value) is None:
        return None
    core = _CORE.match(value)
    end = core.end() if core else 0
    return f"{value[:end]}{'.0' * (2 - value.count('.', 0, end))}{value[end:]}"


def scalars(values: Iterable[Any], path: str) -> tuple[Any, ...]:
    """Write what `in` compares with, null included. Raises Refused for arrays and objects."""
    written = []
    for i, value in enumerate(values):
        if isinstance(value, list | tuple | dict):
            raise Refused.at(
                f"{path}.values[{i}]", "not all SDKs compare arrays and objects by their content"
            )
        as_written = number(value, f"{path}.values[{i}]")
        written.append(value if as_written is None else as_written)
    return tuple(written)


def _plain(value: float | None, path: str) -> int | float | None:
    if value is None:
        return None
    if not math.isfinite(value):
        raise Refused.at(path, "a number beyond what a float64 holds")
    return int(value) if value.is_integer() and abs(value) <= MAX_SAFE_INTEGER else value


CONVERTED_BY: Final[dict[str, Convert]] = {
    "startsWith": text,
    "endsWith": text,
    "contains": text,
    "matches": pattern,
    "lessThan": number,
    "lessThanOrEqual": number,
    "greaterThan": number,
    "greaterThanOrEqual": number,
    "before": instant,
    "after": instant,
    "semVerEqual": version,
    "semVerLessThan": version,
    "semVerGreaterThan": version,
}
"""How each operator that both models have, but `in`, writes its values."""
