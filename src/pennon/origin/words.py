"""Sentences about what flags and segments have in common. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet


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
