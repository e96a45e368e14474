"""What a version holds, read back: a flag or a segment, and what is different in another. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import UNSET, UnsetType
from msgspec.structs import fields, replace

from pennon.model.codec import decode_flag, decode_segment
from pennon.model.flag import Flag
from pennon.model.messages import ItemKind
from pennon.model.segment import Segment
from pennon.origin.differences import Difference, differences

_DECODE: Final[dict[ItemKind, Callable[[bytes], Flag | Segment]]] = {
    "flag": decode_flag,
    "segment": decode_segment,
}


def decode(kind: ItemKind, data: bytes) -> Flag | Segment:
    """Return the flag or the segment that was published as *data*."""
    return _DECODE[kind](data)


def read_item(kind: ItemKind, data: bytes | None) -> Flag | Segment | UnsetType:
    """Return what was published, at version 0; UNSET where it was deleted, or not there yet."""
    return UNSET if data is None else replace(decode(kind, data), version=0)


def different(kind: ItemKind, before: bytes | None, after: bytes | None) -> tuple[Difference, ...]:
    """Return what is different between two versions, but for their numbers."""
    return tuple(differences(read_item(kind, before), read_item(kind, after)))


def changed_fields(kind: ItemKind, before: bytes | None, after: bytes | None) -> tuple[str, ...]:
    """Return the names of the fields that are different, none where one of the two is nothing."""
    old, new = read_item(kind, before), read_item(kind, after)
    if old is UNSET or new is UNSET:
        return ()
    return tuple(
        field.encode_name
        for field in fields(old)
        if any(differences(getattr(old, field.name), getattr(new, field.name)))
    )
