"""What a change to the part of a flag that all environments share did, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pennon.model.flag import ClientSide, Variation
from pennon.origin.flags.parts import encode
from pennon.origin.flags.schemas import Definition
from pennon.origin.words import changed_tags, described, reordered


def told_of_definition(before: Definition, after: Definition) -> tuple[str, ...]:
    """Return a sentence for each thing that is different, none where nothing is."""
    return tuple(_told(before, after))


def _told(before: Definition, after: Definition) -> Iterator[str]:
    yield from described(before, after)
    yield from changed_tags(before.tags, after.tags)
    if before.owner != after.owner:
        yield f"is owned by {after.owner or 'nobody'}"
    if before.temporary != after.temporary:
        yield "is temporary" if after.temporary else "is permanent"
    yield from _variations(before.variations, after.variations)
    yield from _client_side(before.client_side, after.client_side)
    yield from _metadata(before.metadata, after.metadata)


def _variations(before: Iterable[Variation], after: Iterable[Variation]) -> Iterator[str]:
    old = {one.name: one for one in before}
    new = {one.name: one for one in after}
    yield from (f"removed the variation {name}" for name in old if name not in new)
    for name, one in new.items():
        if name not in old:
            yield f"added the variation {name}"
        elif encode(old[name].value) != encode(one.value):
            yield f"changed the value of the variation {name}"
        elif old[name] != one:
            yield f"changed the description of the variation {name}"
    if reordered(old, new):
        yield "reordered the variations"


def _client_side(before: ClientSide, after: ClientSide) -> Iterator[str]:
    for name in ("web", "mobile"):
        shown = getattr(after, name)
        if getattr(before, name) != shown:
            yield f"is {'shown to' if shown else 'hidden from'} {name} clients"


def _metadata(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"removed the metadata {name}" for name in before if name not in after)
    for name, value in after.items():
        # As JSON, since to Python true is 1.
        if name not in before or encode(before[name]) != encode(value):
            yield f"set the metadata {name}"
