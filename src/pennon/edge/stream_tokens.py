"""
Tokens that open an event stream, since a browser's `EventSource` can send no key.

A token is signed with the hash of the key that asked for it. Every node knows that hash, and
nobody else does but who holds the key: so any node can check what another one gave out, and no
secret has to be shared beside the keys. It opens the changes of one environment, until a time,
for as long as the key would; it tells nothing but that there was a change.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from pennon.edge.key_names import KeyNames, name_of
from pennon.errors import NotReady, Unauthenticated
from pennon.model.access import AccessKey
from pennon.web.auth import Keys

PERIOD_SECONDS: Final = 12 * 60 * 60
"""How long the same token is given out; one that was just given out lasts at least as long."""
_MAC_LENGTH: Final = 32


class StreamTokens:
    """Gives out tokens and finds the key of one; both are for one environment."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._names = KeyNames(keys.access)

    def issue(self, key: AccessKey, environment: str) -> str:
        """
        Return the token of *key* for *environment*, the same for a whole period.

        Providers keep it, also on disk, for as long as a bulk answer stays the same to them. That
        answer's tag covers the token: so they have a new one before theirs has run out.
        """
        until = (self.period() + 2) * PERIOD_SECONDS
        return f"{name_of(key.hash)}.{until}.{_mac(key.hash, environment, until)}"

    def period(self) -> int:
        """Return which period this is, counted from 1970."""
        return self._now() // PERIOD_SECONDS

    def holder(self, token: str, environment: str) -> AccessKey:
        """Return the key that *token* was given for. Raises Unauthenticated, NotReady."""
        if not self._keys.access.loaded:
            raise NotReady("This node has not learnt yet which keys there are.")
        name, _, rest = token.partition(".")
        until, _, mac = rest.partition(".")
        hash = self._names.hash_of(name)
        key = self._keys.access.key_by_hash(hash, self._keys.now_ms()) if hash else None
        if (
            key is None
            or not (until.isascii() and until.isdecimal() and len(until) < 16)
            or not hmac.compare_digest(
                mac.encode(), _mac(key.hash, environment, int(until)).encode()
            )
            or int(until) <= self._now()
            or not self._keys.access.allows(key, environment)
        ):
            raise Unauthenticated("The token of this stream is wrong or has run out.")
        return key

    def _now(self) -> int:
        return self._keys.now_ms() // 1000


def _mac(hash: str, environment: str, until: int) -> str:
    signed = f"pennon event stream\0{environment}\0{until}".encode()
    return hmac.new(hash.encode(), signed, hashlib.sha256).hexdigest()[:_MAC_LENGTH]
