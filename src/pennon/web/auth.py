"""Who asks: the key of a request, checked against what `$access` says at this moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from pennon.errors import Forbidden, NotReady, Unauthenticated
from pennon.model.access import AccessKey
from pennon.model.position import Position
from pennon.relay.access import Access
from pennon.web.allowance import Allowance
from pennon.web.client_address import Proxies, neighbourhood
from pennon.web.handler import Request

_SCHEME = "bearer "
_MOST_FOUND: Final = 1_000


def presented_key(request: Request) -> str | None:
    """Return the key of ``Authorization: Bearer …`` or ``X-API-Key: …``, if there is one."""
    header = request.headers.get("authorization", "")
    if header[: len(_SCHEME)].lower() == _SCHEME:
        return header[len(_SCHEME) :].strip()
    return request.headers.get("x-api-key")


class Keys:
    """
    Answers who holds a key; *wall* is epoch seconds.

    *current* says whether this node is in touch with those who issue keys.
    """

    def __init__(
        self,
        access: Access,
        wall: Callable[[], float] = time.time,
        *,
        current: Callable[[], bool] = lambda: True,
        proxies: Proxies | None = None,
    ) -> None:
        self.access, self._wall, self._current = access, wall, current
        self._proxies = proxies or Proxies()
        self._failures = Allowance(30, 1.0, wall)
        # Who was found, until any key changes: hashing theirs again costs as much as a flag does.
        self._found: dict[str, AccessKey] = {}
        self._found_at: Position | None = None

    def holder(self, request: Request) -> AccessKey:
        """
        Return the key that *request* presents.

        Raises Unauthenticated when there is none or it is unknown, expired or revoked, and
        TooManyAttempts where that happens too often; a key that is right is always let in. Raises
        NotReady where an unknown key may be one that this node has not learnt of: while no keys
        are known at all, or it is out of touch. Clients give up for good on a 401.
        """
        secret = presented_key(request)
        at = self.access.position
        if at is self._found_at and secret in self._found:
            return self._found[secret]
        if not self.access.loaded:
            raise NotReady("This node has not learnt yet which keys there are.")
        if not secret:
            raise Unauthenticated("Expected a key in the header 'Authorization: Bearer …'.")
        key = self.access.key(secret, self.now_ms())
        if key is None:
            if not self._current() and not self.access.knows(secret):
                raise NotReady("This node is out of touch and does not know the key.")
            self._failures.take(neighbourhood(self._proxies.address_of(request)))
            raise Unauthenticated("The key is unknown, expired or revoked.")
        if at is not self._found_at or len(self._found) >= _MOST_FOUND:
            self._found, self._found_at = {}, at
        if key.expires_at is None:
            self._found[secret] = key
        return key

    def relay(self, request: Request) -> AccessKey:
        """Return the relay key that *request* presents. Raises Forbidden for any other kind."""
        key = self.holder(request)
        if key.kind != "relay":
            raise Forbidden(f"Expected a relay key, got a {key.kind} key.")
        return key

    def follower(self, request: Request) -> AccessKey:
        """Return the relay or server key that *request* presents: who may hold definitions."""
        key = self.holder(request)
        if key.kind not in ("relay", "server"):
            raise Forbidden(f"Expected a relay or a server key, got a {key.kind} key.")
        return key

    def still_valid(self, key: AccessKey) -> bool:
        """Return whether *key* holds now just as it did when it was presented."""
        now = self.access.key_by_hash(key.hash, self.now_ms())
        return now is not None and now.environments == key.environments

    def now_ms(self) -> int:
        """Return the time in epoch milliseconds."""
        return round(self._wall() * 1000)
