"""Short names of keys, by which a token says which of them it is of."""

from __future__ import annotations

from typing import Final

from pennon.model.position import Position
from pennon.relay.access import Access

NAME_LENGTH: Final = 16
"""Of the 64 hex digits of a key's hash; what is left of it stays hard to guess."""


def name_of(hash: str) -> str:
    """Return the name of the key with that hash."""
    return hash[:NAME_LENGTH]


class KeyNames:
    """Finds the hashes of keys by their names."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._hashes: dict[str, str] = {}
        self._as_of: Position | None = None

    def hash_of(self, name: str) -> str | None:
        """Return the hash of the key called *name*, be it one that opens nothing any more."""
        if name not in self._hashes and self._as_of is not self._access.position:
            self._hashes = {name_of(hash): hash for hash in self._access.hashes()}
            self._as_of = self._access.position
        return self._hashes.get(name)
