"""Which items an item uses: the flags that it requires, the segments that its conditions name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pennon.model.flag import Condition, Flag
from pennon.model.messages import ItemId
from pennon.model.segment import Segment


class Use(NamedTuple):
    """An item that another one uses, and where."""

    path: str
    item: ItemId


def uses_of_flag(flag: Flag) -> list[Use]:
    """Return the flags and segments that *flag* uses."""
    required = [
        Use(f"$.requires[{i}]", ("flag", required.flag)) for i, required in enumerate(flag.requires)
    ]
    return required + _segments_in(rule.when for rule in flag.rules)


def uses_of_segment(segment: Segment) -> list[Use]:
    """Return the segments that *segment* uses."""
    return _segments_in(rule.when for rule in segment.rules)


def _segments_in(rules: Iterable[tuple[Condition, ...]]) -> list[Use]:
    return [
        Use(f"$.rules[{i}].when", ("segment", key))
        for i, when in enumerate(rules)
        for key in _keys_in(when)
    ]


def _keys_in(conditions: Iterable[Condition]) -> Iterator[str]:
    # Without recursion: what is nested too deeply is found out elsewhere.
    waiting = list(conditions)
    while waiting:
        condition = waiting.pop()
        if condition.segment is not None:
            yield condition.segment
        waiting.extend(condition.any_ or ())
        waiting.extend(condition.all_ or ())
        if condition.not_ is not None:
            waiting.append(condition.not_)
