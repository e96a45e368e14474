"""NATS's own kind of keys and signed statements, made from fixed bytes."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SEED, _OPERATOR, _ACCOUNT, _USER = 18 << 3, 14 << 3, 0, 20 << 3


@dataclass(frozen=True)
class NatsKey:
    """A key pair for a purpose."""

    purpose: int
    seed: bytes

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> str:
        """The name that NATS knows its holder by."""
        return _encode(bytes([self.purpose]) + self.private.public_key().public_bytes_raw())

    @property
    def secret(self) -> str:
        """The seed as NATS writes it."""
        head = bytes([_SEED | (self.purpose >> 5), (self.purpose & 31) << 3])
        return _encode(head + self.seed)

    def signed(self, subject: str, kind: str, **claims: Any) -> str:
        """Return the statement of this key about *subject*."""
        head = {"typ": "JWT", "alg": "ed25519-nkey"}
        body = {
            "jti": "test",
            "iat": 1_700_000_000,
            "iss": self.public,
            "sub": subject,
            "nats": {"type": kind, "version": 2, **claims},
        }
        text = ".".join(_base64(json.dumps(part).encode()) for part in (head, body))
        return f"{text}.{_base64(self.private.sign(text.encode()))}"


OPERATOR = NatsKey(_OPERATOR, b"o" * 32)
ACCOUNT = NatsKey(_ACCOUNT, b"a" * 32)
USER = NatsKey(_USER, b"u" * 32)

_ANY = {"subs": -1, "data": -1, "payload": -1, "conn": -1, "leaf": -1, "imports": -1, "exports": -1}


def server_settings() -> str:
    """Return the settings of a server that lets in the users of `ACCOUNT`."""
    account = OPERATOR.signed(ACCOUNT.public, "account", limits={**_ANY, "wildcards": True})
    return "\n".join(
        [
            f"operator: {OPERATOR.signed(OPERATOR.public, 'operator')}",
            "resolver: MEMORY",
            f"resolver_preload: {{ {ACCOUNT.public}: {account} }}",
        ]
    )


def write_credentials(file: Path, key: NatsKey = USER) -> Path:
    """Write the credentials of `USER` to *file*, with the seed of *key*."""
    jwt = ACCOUNT.signed(USER.public, "user", subs=-1, data=-1, payload=-1)
    file.write_text(
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{key.secret}\n------END USER NKEY SEED------\n"
    )
    return file


def _encode(raw: bytes) -> str:
    whole = raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(whole).decode().rstrip("=")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
