"""
What every node knows of keys: the items of the reserved environment `$access`.

A key is 256 random bits behind a prefix that says its kind and before a checksum, so that a
scanner can recognise a leaked one and a typo is refused without a look-up. Only its SHA-256 is
ever stored or sent; 256 random bits need no slow hash.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import Final, Literal

from pennon.model.flag import Wire

KeyKind = Literal["server", "client", "mobile", "relay"]

_PREFIX: Final[dict[str, str]] = {
    "server": "pnn_srv_",
    "client": "pnn_cli_",
    "mobile": "pnn_mob_",
    "relay": "pnn_rly_",
    "admin": "pnn_adm_",
}
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LENGTH: Final = 43
_CHECK_LENGTH: Final = 6


class AccessKey(Wire, frozen=True, kw_only=True):
    """A key by its hash; `environments` is a list of names or ``"*"``; times are epoch ms."""

    hash: str
    kind: KeyKind
    environments: tuple[str, ...] | Literal["*"] = ()
    expires_at: int | None = None
    revoked: bool = False


class AccessEnvironment(Wire, frozen=True, kw_only=True):
    """An environment that exists, by name (``shop/production``)."""

    key: str


def format_key(kind: str, secret: bytes) -> str:
    """Return the key of *kind* (``"server"``, …, ``"admin"``) that holds 32 secret bytes."""
    body = _PREFIX[kind] + _base62(int.from_bytes(secret, "big"), _SECRET_LENGTH)
    return body + _checksum(body)


def hash_key(key: str) -> str:
    """Return the hex SHA-256 under which *key* is stored and sent."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def kind_of_key(key: str) -> str | None:
    """Return the kind that a well-formed key claims, or None for anything else."""
    if not key.isascii():
        return None
    for kind, prefix in _PREFIX.items():
        if key.startswith(prefix) and len(key) == len(prefix) + _SECRET_LENGTH + _CHECK_LENGTH:
            body, checksum = key[:-_CHECK_LENGTH], key[-_CHECK_LENGTH:]
            return kind if _checksum(body) == checksum else None
    return None


def mask_key(key: str) -> str:
    """Return enough of *key* to tell it from another and too little to use it."""
    return f"{key[:8]}…{key[-4:]}" if kind_of_key(key) else "(not a key)"


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
