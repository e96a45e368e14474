"""Values of a context as an explanation shows them: small, and JSON whatever they were."""

from __future__ import annotations

import math
from typing import Any, Final

from pennon.evaluation.numbers import as_number
from pennon.evaluation.text import encode_text

_DEEPEST: Final = 4
_MOST_ITEMS: Final = 20
_LONGEST: Final = 200
_CUT: Final = "…"


def shown(value: Any, depth: int = 0) -> Any:
    """Return *value* cut to what a person reads; what is not JSON becomes text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    number = as_number(value)
    if number is not None:
        # An integer that float64 does not reach has more digits than anyone reads.
        return _number(value, number)
    if isinstance(value, (dict, list, tuple)):
        if depth == _DEEPEST:
            return _CUT
        return _object(value, depth) if isinstance(value, dict) else _array(value, depth)
    return f"({type(value).__name__})"


def _number(value: Any, number: float) -> Any:
    if not math.isfinite(number):
        return str(number)
    return value if abs(number) < 2**63 else number


def _text(text: str) -> str:
    cut = text if len(text) <= _LONGEST else text[:_LONGEST] + _CUT
    return encode_text(cut).decode()


def _object(value: dict[Any, Any], depth: int) -> dict[str, Any]:
    items = list(value.items())[:_MOST_ITEMS]
    held = {_text(str(name)): shown(item, depth + 1) for name, item in items}
    return held if len(value) <= _MOST_ITEMS else {**held, _CUT: len(value) - _MOST_ITEMS}


def _array(value: list[Any] | tuple[Any, ...], depth: int) -> list[Any]:
    held = [shown(item, depth + 1) for item in value[:_MOST_ITEMS]]
    return held if len(value) <= _MOST_ITEMS else [*held, _CUT]
