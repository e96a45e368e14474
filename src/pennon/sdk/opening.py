"""Which environment a client's key opens, where the client was not told."""

from __future__ import annotations

import httpx2

from pennon.errors import BadInput, PennonError, SourceLost
from pennon.model.codec import decode
from pennon.model.messages import ENVIRONMENTS_PATH, GrantedEnvironments
from pennon.relay.retry_after import retry_after


class Moved(PennonError):
    """The key opens another *environment* than the one that was followed."""

    def __init__(self, environment: str) -> None:
        self.environment = environment
        super().__init__(f"The key opens {environment} now.")


async def opened_by_key(http: httpx2.AsyncClient, url: str) -> str:
    """Return the one environment that the key opens. Raises SourceLost when there is no such."""
    try:
        answer = await http.get(url.rstrip("/") + ENVIRONMENTS_PATH)
        if answer.status_code != 200:
            raise SourceLost(
                f"the edge answered {answer.status_code}",
                retry_after(answer.headers),
                refused=answer.status_code == 403,
                unauthenticated=answer.status_code == 401,
            )
        opened = decode(answer.content, GrantedEnvironments).environments
    except (httpx2.HTTPError, BadInput) as error:
        raise SourceLost(f"{type(error).__name__}: {error}".rstrip(": ")) from error
    if len(opened) != 1:
        listed = ", ".join(opened[:10]) or "none"
        raise SourceLost(f"the key opens several environments or none; name one of: {listed}")
    return opened[0]


async def check_still_opened(http: httpx2.AsyncClient, url: str, environment: str) -> None:
    """Raise Moved when the key is known to open another environment than *environment*."""
    try:
        opened = await opened_by_key(http, url)
    except SourceLost:
        return
    if opened != environment:
        raise Moved(opened)
