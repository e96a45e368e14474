"""Asks the parent about the members of external segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import httpx2
import msgspec

from pennon.errors import BadInput, NotFound, NotReady, SourceLost
from pennon.model.codec import decode
from pennon.model.members import MembersAnswer, MembersQuestion
from pennon.relay.retry_after import retry_after

_ASKED: Final = frozenset({400, 404, 413, 415})
"""What says that it is the question that is refused."""
_encode = msgspec.json.Encoder().encode


def members_path(segment: str) -> str:
    """Return where the members of *segment* are asked for."""
    return f"/sync/v1/segments/{segment}/members"


class ParentMembers:
    """Asks the parent that *url* gives at that moment, as the holder of a relay *key*."""

    def __init__(self, client: httpx2.AsyncClient, url: Callable[[], str], key: str) -> None:
        self._client, self._url = client, url
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    async def lookup(self, environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
        """
        Return which of *keys* are members; see `pennon.relay.member_questions.Lookup`.

        Raises NotFound, NotReady and BadInput as the parent says, and SourceLost when it says
        nothing of use.
        """
        question = MembersQuestion(environment=environment, keys=tuple(keys))
        try:
            answer = await self._client.post(
                self._url().rstrip("/") + members_path(segment),
                content=_encode(question),
                headers=self._headers,
                timeout=None,  # who asks has its own
            )
        except httpx2.HTTPError as error:
            raise SourceLost(f"{type(error).__name__}: {error}") from error
        status = answer.status_code
        if status == 404:
            raise NotFound("external segment", f"{environment} {segment}")
        if status in _ASKED:
            raise BadInput.at("$", f"the parent refused the question with {status}")
        if status in (429, 503):
            wait = retry_after(answer.headers)
            raise NotReady(f"The parent answered {status}.", 1.0 if wait is None else wait)
        if status != 200:
            raise SourceLost(f"the parent answered {status}")
        try:
            said = decode(answer.content, MembersAnswer)
        except BadInput as error:
            raise SourceLost(f"the parent's answer cannot be read: {error}") from None
        if (said.environment, said.segment) != (environment, segment):
            raise SourceLost("the parent answered another question")
        return said
