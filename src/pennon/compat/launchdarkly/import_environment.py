"""A whole environment of theirs in our model, as far as it can be said there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pennon.compat.launchdarkly import model as theirs
from pennon.compat.launchdarkly.import_flag import import_flag
from pennon.compat.launchdarkly.import_segment import import_segment
from pennon.compat.launchdarkly.model import from_json
from pennon.compat.launchdarkly.refusals import Refusals, convert_each
from pennon.compat.launchdarkly.uses import uses_of_flag, uses_of_segment
from pennon.errors import BadInput
from pennon.model.flag import Flag
from pennon.model.messages import ItemKind
from pennon.model.segment import Segment

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read, and what was not, and why."""

    flags: dict[str, Flag] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    refused: Refusals = field(default_factory=dict)


def import_environment(
    flags: Mapping[str, Mapping[str, Any]], segments: Mapping[str, Mapping[str, Any]]
) -> Imported:
    """Return *flags* and *segments*, JSON by key, in our model. What is deleted is left out."""
    imported = Imported()
    refused = imported.refused
    their_flags = _each("flag", flags, lambda data: from_json(data, theirs.Flag), refused)
    their_segments = _each(
        "segment", segments, lambda data: from_json(data, theirs.Segment), refused
    )
    live_flags = {key: flag for key, flag in their_flags.items() if not flag.deleted}
    live_segments = {key: it for key, it in their_segments.items() if not it.deleted}
    our_segments = _each("segment", live_segments, import_segment, refused)
    our_flags = _each("flag", live_flags, lambda flag: import_flag(flag, live_flags), refused)

    def add_segment(key: str) -> None:
        imported.segments[key] = our_segments[key]

    def add_flag(key: str) -> None:
        imported.flags[key] = our_flags[key]

    segment_uses = {key: uses_of_segment(segment) for key, segment in our_segments.items()}
    flag_uses = {key: uses_of_flag(flag) for key, flag in our_flags.items()}
    convert_each("segment", segment_uses, add_segment, refused)
    convert_each("flag", flag_uses, add_flag, refused)
    return imported


def _each(
    kind: ItemKind, items: Mapping[str, A], convert: Callable[[A], B], refused: Refusals
) -> dict[str, B]:
    """Return what *convert* makes of each item, without those that it refuses."""
    converted = {}
    for key, item in items.items():
        try:
            converted[key] = convert(item)
        except BadInput as error:
            refused[kind, key] = error
    return converted
