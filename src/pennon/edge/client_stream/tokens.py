"""
Tokens that open a client stream: an `EventSource` can send neither a key nor a context.

A token holds the context, sealed, so that any process of any node can open it, and nobody who
reads an address in a log. A client's key is public, and so is its hash: the seal is made with that
of a relay key as well, which every node knows and no page does.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pennon.edge.key_names import KeyNames, name_of
from pennon.errors import BadInput, NotReady, Unauthenticated
from pennon.model.access import AccessKey
from pennon.model.context import Context
from pennon.model.position import Position
from pennon.web.auth import Keys

LIFE_SECONDS: Final = 60
"""How long a token opens a stream."""
LONGEST: Final = 7_000
"""Characters of the longest token: with the rest of the address it fits into 8 KB."""
_MOST_BYTES: Final = 64 * 1024
_NAME, _TIME, _SALT = 8, 8, 16
_HEAD: Final = 2 * _NAME + _TIME + _SALT
_NONCE: Final = bytes(12)
_LABEL: Final = b"pennon client stream\0"


class Asked(NamedTuple):
    """What a stream is asked for; `since` is the state that the client holds."""

    environment: str
    context: Context
    since: str


class SealedTokens:
    """Seals and opens; *random* gives that many random bytes."""

    def __init__(self, keys: Keys, random: Callable[[int], bytes] = os.urandom) -> None:
        self._keys, self._random = keys, random
        self._names = KeyNames(keys.access)
        self._relay: str | None = None
        self._relay_at: Position | None = None

    def seal(self, key: AccessKey, asked: Asked) -> str:
        """Return a token of *key* for *asked*. Raises BadInput when the context is too large."""
        until = self._keys.now_ms() + LIFE_SECONDS * 1000
        relay, salt = self._relay_hash() or key.hash, self._random(_SALT)
        names = bytes.fromhex(name_of(key.hash) + name_of(relay))
        head = names + until.to_bytes(_TIME, "big") + salt
        sealed = _box(key.hash, relay, salt).encrypt(_NONCE, _pack(asked), head)
        token = urlsafe_b64encode(head + sealed).rstrip(b"=").decode()
        if len(token) > LONGEST:
            raise _too_large()
        return token

    def open(self, token: str) -> tuple[AccessKey, Asked]:
        """Return whose *token* is, and what for. Raises Unauthenticated, NotReady."""
        if not self._keys.access.loaded:
            raise NotReady("This node has not learnt yet which keys there are.")
        raw = _bytes_of(token)
        head, sealed = raw[:_HEAD], raw[_HEAD:]
        hash = self._names.hash_of(head[:_NAME].hex())
        relay = self._names.hash_of(head[_NAME : 2 * _NAME].hex())
        until = int.from_bytes(head[2 * _NAME : -_SALT], "big")
        key = self._keys.access.key_by_hash(hash, self._keys.now_ms()) if hash else None
        if key is None or relay is None or until <= self._keys.now_ms():
            raise _refused()
        try:
            asked = _unpack(_box(key.hash, relay, head[-_SALT:]).decrypt(_NONCE, sealed, head))
        except (InvalidTag, ValueError, zlib.error):
            raise _refused() from None
        if not self._keys.access.allows(key, asked.environment):
            raise _refused()
        return key, asked

    def _relay_hash(self) -> str | None:
        """Return the hash that seals: of all valid relay keys the one that sorts first."""
        access, now = self._keys.access, self._keys.now_ms()
        if self._relay_at is not access.position:
            found = (access.key_by_hash(hash, now) for hash in access.hashes())
            hashes = [key.hash for key in found if key is not None and key.kind == "relay"]
            self._relay, self._relay_at = min(hashes, default=None), access.position
        return self._relay


def _box(hash: str, relay: str, salt: bytes) -> AESGCM:
    """Return what seals one token alone: so that its nonce need not be another each time."""
    key = hmac.new(f"{hash}{relay}".encode(), _LABEL + salt, hashlib.sha256).digest()
    return AESGCM(key)


def _pack(asked: Asked) -> bytes:
    text = json.dumps([asked.environment, asked.context.kinds, asked.since], separators=(",", ":"))
    if len(text) > _MOST_BYTES:
        raise _too_large()
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return packer.compress(text.encode()) + packer.flush()


def _unpack(packed: bytes) -> Asked:
    text = zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(packed, _MOST_BYTES)
    parts: list[Any] = json.loads(text)
    environment, kinds, since = parts
    return Asked(environment, Context(kinds), since)


def _bytes_of(token: str) -> bytes:
    """Return the bytes of a token, or none at all of one that is not whole."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise _refused() from None
    if len(token) > LONGEST or len(raw) <= _HEAD:
        raise _refused()
    return raw


def _refused() -> Unauthenticated:
    return Unauthenticated("The token of this stream is wrong or has run out: ask for another.")


def _too_large() -> BadInput:
    return BadInput.at(
        "$.context",
        "expected a context that fits into an address; for a larger one, ask with "
        "'Accept: text/event-stream' and be answered with the stream itself",
    )
