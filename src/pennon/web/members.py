"""Who is a member of an external segment: what followers ask a node about context keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from pennon.errors import Forbidden, NotFound, NotReady
from pennon.model.codec import decode
from pennon.model.members import MembersQuestion
from pennon.model.position import check_environment
from pennon.relay.member_questions import Lookup
from pennon.relay.membership import external_kind
from pennon.relay.replicas import Replicas
from pennon.web.auth import Keys
from pennon.web.handler import JSON, NO_STORE, Handler, Request, Response

SEGMENTS_PATH: Final = "/sync/v1/segments/"
_MEMBERS: Final = "/members"
_encode = msgspec.json.Encoder().encode


class MembersEndpoints:
    """Answers what *lookup* says: the database, or what this node knows and asks its parent."""

    def __init__(self, keys: Keys, replicas: Replicas, lookup: Lookup) -> None:
        self._keys, self._replicas, self._lookup = keys, replicas, lookup

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {("POST", "/sync/v1/segments/*"): self.members}

    async def members(self, request: Request) -> Response:
        """
        Answer which of the body's keys are in the segment that the path names, and which are out.

        Raises BadInput, Forbidden, NotFound where there is no such external segment, and NotReady.
        """
        key = self._keys.follower(request)
        segment = _segment_of(request.path)
        asked = decode(request.body, MembersQuestion)
        environment = check_environment(asked.environment, "$.environment")
        if not self._keys.access.allows(key, environment):
            raise Forbidden(f"The key does not open {environment}.")
        self._check_segment(environment, segment)
        answer = await self._lookup(environment, segment, asked.keys)
        return Response(headers=(JSON, NO_STORE), body=_encode(answer))

    def _check_segment(self, environment: str, segment: str) -> None:
        replica = self._replicas.get(environment)
        if replica is None or replica.position is None:
            if environment not in self._keys.access.environments:
                raise NotFound("environment", environment)
            raise NotReady(f"{environment} is not loaded here yet.")
        if external_kind(replica.items.get(("segment", segment))) is None:
            raise NotFound("external segment", segment)


def _segment_of(path: str) -> str:
    """Return the segment that *path* names. Raises NotFound when it is no such path."""
    segment = path.removeprefix(SEGMENTS_PATH).removesuffix(_MEMBERS)
    if not segment or "/" in segment or not path.endswith(_MEMBERS):
        raise NotFound("path", path)
    return segment
