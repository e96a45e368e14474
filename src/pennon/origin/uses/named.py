"""What a flag or a segment names: its prerequisites and the segments in its conditions. Pure."""

from __future__ import annotations

from pennon.evaluation.references import segments_of_flag, segments_of_segment
from pennon.model.flag import Flag
from pennon.model.messages import ItemId, ItemKind
from pennon.model.segment import Segment


def uses_of(item: Flag | Segment) -> frozenset[ItemId]:
    """Return the items that *item* names."""
    named = segments_of_flag(item) if isinstance(item, Flag) else segments_of_segment(item)
    used: set[ItemId] = {("segment", key) for key, _ in named}
    if isinstance(item, Flag):
        used |= {("flag", one.flag) for one in item.requires}
    return frozenset(used)


def keys_named(item: Flag | Segment, kind: ItemKind) -> set[str]:
    """Return the keys of the items of one kind that *item* names."""
    return {key for used, key in uses_of(item) if used == kind}
