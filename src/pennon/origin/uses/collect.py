"""What a flag or a segment names: its prerequisites and the segments in its conditions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pennon.model.flag import Condition, Flag, Rule
from pennon.model.messages import ItemId, ItemKind
from pennon.model.segment import Segment, SegmentRule


class Mention(NamedTuple):
    """An item that another names, and the path where it does."""

    kind: ItemKind
    key: str
    path: str


def uses_of(item: Flag | Segment) -> frozenset[ItemId]:
    """Return the items that *item* names."""
    return frozenset((one.kind, one.key) for one in mentions_in(item))


def mentions_in(item: Flag | Segment, path: str = "$") -> Iterator[Mention]:
    """Yield every place in *item* that names another; *path* is where it stands itself."""
    if isinstance(item, Flag):
        for index, prerequisite in enumerate(item.requires):
            yield Mention("flag", prerequisite.flag, f"{path}.requires[{index}].flag")
    rules: tuple[Rule | SegmentRule, ...] = item.rules
    for index, rule in enumerate(rules):
        yield from _in_conditions(rule.when, f"{path}.rules[{index}].when")


def _in_conditions(conditions: Iterable[Condition], path: str) -> Iterator[Mention]:
    for index, condition in enumerate(conditions):
        yield from _in_condition(condition, f"{path}[{index}]")


def _in_condition(condition: Condition, path: str) -> Iterator[Mention]:
    if condition.segment is not None:
        yield Mention("segment", condition.segment, f"{path}.segment")
    yield from _in_conditions(condition.any_ or (), f"{path}.any")
    yield from _in_conditions(condition.all_ or (), f"{path}.all")
    if condition.not_ is not None:
        yield from _in_condition(condition.not_, f"{path}.not")
