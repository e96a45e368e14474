"""Which of the sampled contexts are members of external segments, asked before they are weighed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from pennon.errors import BadInput
from pennon.evaluation.run import Memberships
from pennon.model.codec import decode_segment
from pennon.model.members import Membership
from pennon.model.messages import ItemId
from pennon.origin.affected.weighing import Kinds
from pennon.origin.members.bulk import find_members
from pennon.origin.members.queries import find_live

_KNOWN: Final = {True: Membership.IN, False: Membership.OUT, None: Membership.UNLISTED}


def known_members(
    connection: Connection,
    environment: str,
    items: Iterable[Mapping[ItemId, bytes | None]],
    contexts: Sequence[Kinds],
) -> Memberships:
    """Return what the external segments among *items* say of *contexts*."""
    known: dict[tuple[str, str], bool] = {}
    for segment, kinds in _external(items).items():
        live = find_live(connection, environment, segment)
        keys = {
            key
            for context in contexts
            for kind in kinds
            if isinstance(key := context.get(kind, {}).get("key"), str)
        }
        if live is not None and keys:
            found = find_members(connection, live.id, sorted(keys))
            known.update(((segment, key), member) for key, member in found.items())

    def membership(segment: str, key: str) -> Membership:
        return _KNOWN[known.get((segment, key))]

    return membership


def _external(items: Iterable[Mapping[ItemId, bytes | None]]) -> dict[str, set[str]]:
    """Return the external segments, and the kinds of their keys, before and after."""
    found: dict[str, set[str]] = defaultdict(set)
    for some in items:
        for (kind, key), data in some.items():
            if kind == "segment" and data is not None:
                try:
                    external = decode_segment(data).external
                except BadInput:
                    continue  # it is malformed, and nobody is in it
                if external is not None:
                    found[key].add(external.kind)
    return found
