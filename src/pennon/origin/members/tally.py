"""
How many keys a list holds, and a digest of which. Pure.

The digest is a sum: it is kept up to date key by key, whatever the list's length, and is the same
in whatever order a list was written.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

_MODULUS: Final = 2**256


class Edit(NamedTuple):
    """What happens to a key: whether it is a member before and after; None: it is not listed."""

    key: str
    before: bool | None
    after: bool | None


class Tally(NamedTuple):
    """
    How many keys are in and out, and the sum of their hashes.

    A key's hash is the SHA-256 of ``+`` or ``-``, for in or out, and its UTF-8 bytes, read as one
    big-endian number; the sum is taken modulo 2**256.
    """

    included: int = 0
    excluded: int = 0
    total: int = 0

    @classmethod
    def of(cls, included: int, excluded: int, digest: str) -> Tally:
        """Return the tally that was written down so."""
        return cls(included, excluded, int(digest, 16))

    @property
    def digest(self) -> str:
        """The sum as 64 hexadecimal digits."""
        return f"{self.total:064x}"

    @property
    def size(self) -> int:
        """How many keys there are."""
        return self.included + self.excluded

    def after(self, edit: Edit) -> Tally:
        """Return the tally once *edit* is made."""
        included, excluded, total = self
        for member, sign in ((edit.before, -1), (edit.after, 1)):
            if member is not None:
                included += sign * member
                excluded += sign * (not member)
                total += sign * hash_of(edit.key.encode(), member=member)
        return Tally(included, excluded, total % _MODULUS)


def hash_of(key: bytes, *, member: bool) -> int:
    """Return what a key adds to the sum."""
    sign = b"+" if member else b"-"
    return int.from_bytes(hashlib.sha256(sign + key).digest(), "big")
