"""Whether a flag or a segment may be published: sound in itself, and among its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlalchemy import Connection

from pennon.errors import Fault
from pennon.evaluation.references import (
    missing_prerequisites,
    missing_segments,
    prerequisite_cycle,
    segment_cycle,
)
from pennon.evaluation.validate import faults_of_flag, faults_of_segment
from pennon.model.codec import decode_flag, decode_segment
from pennon.model.flag import Flag
from pennon.model.messages import ItemKind
from pennon.model.segment import Segment
from pennon.origin.uses.named import keys_named
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
    segments = _published(connection, environment, "segment", keys_named(flag, "segment"))
    yield from missing_prerequisites(flag, flags, path)
    yield from missing_segments(flag, segments, path)
    cycle = prerequisite_cycle(flags)
    if cycle:
        yield Fault(f"{path}.requires", f"leads back to itself: {_round(cycle)}")


def _of_segment(
    connection: Connection, environment: str, segment: Segment, path: str
) -> Iterator[Fault]:
    segments = _reachable(connection, environment, "segment", segment, decode_segment)
    yield from missing_segments(segment, segments, path)
    cycle = segment_cycle(segments)
    if cycle:
        yield Fault(f"{path}.rules", f"lead back to the segment itself: {_round(cycle)}")


def _round(cycle: list[str]) -> str:
    return " → ".join([*cycle, cycle[0]])


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
    wanted = keys_named(item, kind) - asked
    while wanted:
        asked |= wanted
        data = _published(connection, environment, kind, wanted)
        new = {key: decode(one) for key, one in data.items()}
        found |= new
        wanted = {key for one in new.values() for key in keys_named(one, kind)} - asked
    return found


def _published(
    connection: Connection, environment: str, kind: ItemKind, keys: set[str]
) -> dict[str, bytes]:
    if not keys:
        return {}
    rows = published(connection, environment, kind, keys)
    return {row.key: row.data for row in rows}
