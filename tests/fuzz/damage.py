"""Damage to one place of a JSON value, for what arrives and fits no schema."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from tests.fuzz.chance import Chance

_WRONG: Final[tuple[Any, ...]] = (None, True, 0, 1.5, "x", "1", [], {}, [0], {"a": 1})


def damaged(value: Any, chance: Chance) -> Any:
    """Return a copy of *value* in which one part is missing or is something else."""
    copy = deepcopy(value)
    parts = list(_places(copy))
    holder, place = chance.one(parts)
    if isinstance(holder, dict) and chance.happens(0.2):
        del holder[place]
    else:
        holder[place] = chance.one(_WRONG)
    return copy


def _places(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        pairs: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        return []
    found = [(value, place) for place, _ in pairs]
    for _, part in pairs:
        found.extend(_places(part))
    return found
