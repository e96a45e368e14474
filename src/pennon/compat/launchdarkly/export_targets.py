"""
Targets in their two lists: `targets` for users alone, `contextTargets` for all kinds in order.

Theirs finds the users of an entry by its variation, so a kind has one entry for a variation.
"""

from __future__ import annotations

from collections.abc import Iterable

from pennon.compat.launchdarkly import model as theirs
from pennon.compat.launchdarkly.names import DEFAULT_KIND, checked_kind
from pennon.compat.launchdarkly.variations import Indices
from pennon.errors import Refused
from pennon.model.flag import Target

Lists = tuple[tuple[theirs.Target, ...], tuple[theirs.Target, ...]]


def export_targets(targets: Iterable[Target], indices: Indices) -> Lists:
    """
    Return `targets` and `contextTargets`.

    Keys join the first entry of their kind and variation. Raises Refused where that would
    overtake an entry of another kind, which a context of both kinds would notice.
    """
    entries: dict[tuple[str, int], list[str]] = {}
    seen: set[tuple[str, str]] = set()
    for i, target in enumerate(targets):
        kind = checked_kind(target.kind, f"$.targets[{i}].kind")
        # The first entry that holds a key decides; later ones are never reached for it.
        keys = [key for key in dict.fromkeys(target.keys) if (kind, key) not in seen]
        if not keys:
            continue
        seen.update((kind, key) for key in keys)
        entry = (kind, indices[target.variation])
        if entry in entries and _overtakes(list(entries), entry):
            raise Refused.at(
                f"$.targets[{i}]",
                f"keys of kind {kind!r} for {target.variation!r} stand before and after"
                " those of another kind",
            )
        entries.setdefault(entry, []).extend(keys)
    return _lists(entries)


def _overtakes(order: list[tuple[str, int]], entry: tuple[str, int]) -> bool:
    kind, variation = entry
    after = order[order.index(entry) + 1 :]
    return any(other != kind and index != variation for other, index in after)


def _lists(entries: dict[tuple[str, int], list[str]]) -> Lists:
    users = tuple(
        theirs.Target(variation=variation, values=tuple(keys))
        for (kind, variation), keys in entries.items()
        if kind == DEFAULT_KIND
    )
    if all(kind == DEFAULT_KIND for kind, _ in entries):
        return users, ()
    everyone = tuple(
        theirs.Target(
            context_kind=kind,
            variation=variation,
            values=() if kind == DEFAULT_KIND else tuple(keys),
        )
        for (kind, variation), keys in entries.items()
    )
    return users, everyone
