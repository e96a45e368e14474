"""
What is refused, and with it whatever uses it.

To a reader of the other model a refused item would be missing, and a missing flag or segment has a
meaning of its own; so refusal spreads to all that would notice. What forms a cycle, or a chain
longer than we follow, fails in other places there than here, and is refused as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pennon.compat.launchdarkly.order import chain_lengths
from pennon.compat.launchdarkly.uses import Use
from pennon.errors import BadInput, Refused
from pennon.evaluation.run import MAX_CHAIN
from pennon.model.messages import ItemId, ItemKind

Refusals = dict[ItemId, BadInput]

_LONGEST: Final[dict[ItemKind, int]] = {"flag": 1 + MAX_CHAIN, "segment": MAX_CHAIN}
"""The most items in a chain; a flag stands above its prerequisites."""


def convert_each(
    kind: ItemKind,
    uses: Mapping[str, list[Use]],
    convert: Callable[[str], None],
    refusals: Refusals,
) -> None:
    """Call *convert* for items of one kind, each after those that it uses, and keep refusals."""
    same = {
        key: [use.item[1] for use in found if use.item[0] == kind] for key, found in uses.items()
    }
    for key, fault in _in_order(same, _LONGEST[kind]):
        try:
            if fault is not None:
                raise fault
            _check_uses(uses[key], refusals)
            convert(key)
        except BadInput as error:
            refusals[kind, key] = error


def _in_order(
    references: Mapping[str, list[str]], longest: int
) -> Iterator[tuple[str, Refused | None]]:
    lengths = chain_lengths(references)
    for key, length in lengths.items():
        too_long = Refused.at("$", f"it begins a chain of {length}, more than {longest}")
        yield key, too_long if length > longest else None
    for key in references:
        if key not in lengths:
            yield key, Refused.at("$", "it is on a cycle, or leads to one")


def _check_uses(uses: list[Use], refusals: Refusals) -> None:
    for path, item in uses:
        if item in refusals:
            kind, key = item
            raise Refused.at(
                path, f"it uses the {kind} {key!r}, which is refused: {refusals[item]}"
            )
