"""Who is in an external segment, as `pennon eval` asks the node that it has the flags from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import httpx2

from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.members import MembersAnswer, Membership, can_be_member

_SECONDS: Final = 5.0


def members_at(url: str, key: str, environment: str) -> Callable[[str, str], Membership]:
    """Return what asks a node about one key after another, each once."""
    known: dict[tuple[str, str], Membership] = {}

    def membership(segment: str, member: str) -> Membership:
        asked = segment, member
        if asked not in known:
            known[asked] = _ask(url, key, environment, *asked)
        return known[asked]

    return membership


def _ask(url: str, key: str, environment: str, segment: str, member: str) -> Membership:
    if not can_be_member(member):
        return Membership.UNLISTED
    try:
        answer = httpx2.post(
            f"{url}/sync/v1/segments/{quote(segment, '')}/members",
            json={"environment": environment, "keys": [member]},
            headers={"Authorization": f"Bearer {key}"},
            timeout=_SECONDS,
        ).raise_for_status()
        found = decode(answer.content, MembersAnswer)
    except (httpx2.HTTPError, BadInput):
        # The answer says so, as an edge's does that cannot ask its parent.
        return Membership.UNANSWERED
    if member in found.in_:
        return Membership.IN
    return Membership.OUT if member in found.out else Membership.UNLISTED
