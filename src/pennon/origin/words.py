"""Sentences about what flags, segments, environments and projects have in common. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final, Protocol

CREATED: Final = ("created",)
"""What is said of what was not there before."""


class Described(Protocol):
    """What has a name and a description, and can be archived."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def archived(self) -> bool: ...


def described(before: Described, after: Described) -> Iterator[str]:
    """Yield what is different in how something is called, and whether it is in use."""
    if before.archived != after.archived:
        yield "archived" if after.archived else "brought back"
    if before.name != after.name:
        yield f"renamed to {after.name}" if after.name else "removed the name"
    if before.description != after.description:
        yield "changed the description" if after.description else "removed the description"


def changed_tags(before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    """Yield which tags came, and which went."""
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    yield from (f"added the tag {tag}" for tag in new if tag not in old)
    yield from (f"removed the tag {tag}" for tag in old if tag not in new)
    if reordered(old, new):
        yield "reordered the tags"


def changed_keys(
    before: AbstractSet[str], after: AbstractSet[str], kind: str, where: str
) -> Iterator[str]:
    """Yield how many keys came *where*, and how many went."""
    if came := after - before:
        yield f"added {_count(came, kind)} to {where}"
    if went := before - after:
        yield f"removed {_count(went, kind)} from {where}"


def reordered(before: Iterable[object], after: Iterable[object]) -> bool:
    """Return whether what is in both stands in another order."""
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    return [one for one in old if one in new] != [one for one in new if one in old]


def _count(keys: Collection[str], kind: str) -> str:
    number = len(keys)
    return f"{number} {'' if kind == 'user' else f'{kind} '}{'key' if number == 1 else 'keys'}"
