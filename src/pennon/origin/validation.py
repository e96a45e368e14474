"""Whether a flag or a segment may be published: sound in itself, and among its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from typing import TypeVar

from sqlalchemy import Connection

from pennon.errors import Fault
from pennon.evaluation.validate import (
    faults_of_flag,
    faults_of_segment,
    prerequisite_cycle,
    segment_cycle,
)
from pennon.model.codec import decode_flag, decode_segment
from pennon.model.flag import Flag
from pennon.model.messages import ItemKind
from pennon.model.segment import Segment
from pennon.origin.uses.collect import mentions_in, uses_of
from pennon.origin.uses.queries import published

ItemT = TypeVar("ItemT", Flag, Segment)


def faults_in(
    connection: Connection, environment: str, item: Flag | Segment, path: str = "$"
) -> list[Fault]:
    """
    Return every reason why *item* may not be published in *environment*.

    Neighbours are looked at only where the item is sound in itself, and only those that it
    leads to: a new cycle can only pass through the item that changes.
    """
    if isinstance(item, Flag):
        return faults_of_flag(item, path) or [*_of_flag(connection, environment, item, path)]
    return faults_of_segment(item, path) or [*_of_segment(connection, environment, item, path)]


def _of_flag(connection: Connection, environment: str, flag: Flag, path: str) -> Iterator[Fault]:
    flags = _reachable(connection, environment, "flag", flag, decode_flag)
    segments = _neighbours(connection, environment, "segment", _named(flag, "segment"))
    yield from _missing(flag, path, environment, {"flag": flags, "segment": segments})
    yield from _unknown_variations(flag, flags, path)
    cycle = prerequisite_cycle(flags)
    if cycle:
        yield Fault(f"{path}.requires", f"leads back to itself: {' → '.join(cycle)}")


def _of_segment(
    connection: Connection, environment: str, segment: Segment, path: str
) -> Iterator[Fault]:
    segments = _reachable(connection, environment, "segment", segment, decode_segment)
    yield from _missing(segment, path, environment, {"segment": segments})
    cycle = segment_cycle(segments)
    if cycle:
        yield Fault(f"{path}.rules", f"lead back to the segment itself: {' → '.join(cycle)}")


def _missing(
    item: Flag | Segment, path: str, environment: str, found: Mapping[ItemKind, Container[str]]
) -> Iterator[Fault]:
    for mention in mentions_in(item, path):
        if mention.key not in found[mention.kind]:
            yield Fault(
                mention.path, f"there is no {mention.kind} {mention.key!r} in {environment}"
            )


def _unknown_variations(flag: Flag, flags: Mapping[str, Flag], path: str) -> Iterator[Fault]:
    for index, prerequisite in enumerate(flag.requires):
        required = flags.get(prerequisite.flag)
        if required is None:
            continue
        names = {variation.name for variation in required.variations}
        for at, name in enumerate(prerequisite.is_):
            if name not in names:
                yield Fault(
                    f"{path}.requires[{index}].is[{at}]",
                    f"the flag {prerequisite.flag!r} has no variation {name!r}",
                )


def _reachable(
    connection: Connection,
    environment: str,
    kind: ItemKind,
    item: ItemT,
    decode: Callable[[bytes], ItemT],
) -> dict[str, ItemT]:
    """Return *item* and what it leads to of its own kind, as published."""
    found = {item.key: item}
    asked = {item.key}
    wanted = _named(item, kind) - asked
    while wanted:
        asked |= wanted
        data = _neighbours(connection, environment, kind, wanted)
        new = {key: decode(one) for key, one in data.items()}
        found |= new
        wanted = {key for one in new.values() for key in _named(one, kind)} - asked
    return found


def _neighbours(
    connection: Connection, environment: str, kind: ItemKind, keys: set[str]
) -> dict[str, bytes]:
    if not keys:
        return {}
    rows = published(connection, environment, kind, keys)
    return {row.key: row.data for row in rows}


def _named(item: Flag | Segment, kind: ItemKind) -> set[str]:
    return {key for used, key in uses_of(item) if used == kind}
