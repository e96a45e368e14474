"""
NATS credentials: a file with a signed statement of who we are, and the key that proves it is us.

The key is an Ed25519 seed in NATS's own writing: base32 of two bytes that say what it is, the
seed, and a CRC-16 (https://docs.nats.io/running-a-nats-service/configuration/securing_nats).
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pennon.errors import BadInput

_SEED_BYTES: Final = 32
_PREFIX_BYTES: Final = 2
_IS_SEED: Final = 18 << 3


class Credentials(NamedTuple):
    """The statement (a JWT) and the key."""

    jwt: str
    key: Ed25519PrivateKey

    def sign(self, nonce: str) -> bytes:
        """Return the signature that a server asks for, in base64."""
        return base64.b64encode(self.key.sign(nonce.encode()))


def read_credentials(file: Path) -> Credentials:
    """Read a ``.creds`` file. Raises OSError, and BadInput when it is something else."""
    text = file.read_text("ascii", "replace")
    jwt, seed = (_block(text, name) for name in ("NATS USER JWT", "USER NKEY SEED"))
    return Credentials(jwt, Ed25519PrivateKey.from_private_bytes(_seed(seed)))


def _block(text: str, name: str) -> str:
    _, begin, rest = text.partition(f"BEGIN {name}")
    lines = rest.splitlines()[1:2]
    if not begin or not lines:
        raise _not_credentials()
    return lines[0].strip()


def _seed(text: str) -> bytes:
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        raise _not_credentials() from None
    body, checksum = raw[:-2], raw[-2:]
    is_whole = len(body) == _PREFIX_BYTES + _SEED_BYTES
    if not is_whole or body[0] & 0xF8 != _IS_SEED or _crc16(body) != checksum:
        raise _not_credentials()
    return body[_PREFIX_BYTES:]


def _crc16(data: bytes) -> bytes:
    """Return CRC-16/XMODEM, low byte first."""
    return binascii.crc_hqx(data, 0).to_bytes(2, "little")


def _not_credentials() -> BadInput:
    return BadInput.at("--nats-creds", "expected a file of NATS credentials, with a JWT and a seed")
