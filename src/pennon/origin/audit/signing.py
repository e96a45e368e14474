"""The key pair that signs checkpoints: Ed25519, made once and kept in the data folder."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from pennon.errors import BadInput
from pennon.kv.atomic import private

FILE: Final = "audit-key.pem"

_PREFIX: Final = "ed25519:"


class PublicKey:
    """What a signature is checked with. `text` is how it is written down, `id` how it is named."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes_raw()
        self.text = _PREFIX + urlsafe_b64encode(raw).decode().rstrip("=")
        self.id = hashlib.sha256(raw).hexdigest()[:16]

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """Return the key that was written down as *text*. Raises BadInput."""
        try:
            if not text.startswith(_PREFIX):
                raise ValueError
            raw = urlsafe_b64decode(text.removeprefix(_PREFIX).encode("ascii") + b"=")
            return cls(Ed25519PublicKey.from_public_bytes(raw))
        except ValueError:
            raise BadInput.at(
                "--public-key", "expected what `pennon audit key` prints: ed25519:…"
            ) from None

    def has_signed(self, data: bytes, signature: bytes) -> bool:
        """Return whether *signature* is that of this key's owner under *data*."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """What signs. Whoever has it can sign anything: it stays where it was made."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    @classmethod
    def generate(cls) -> SigningKey:
        """Return a new key."""
        return cls(Ed25519PrivateKey.generate())

    def sign(self, data: bytes) -> bytes:
        """Return the signature under *data*."""
        return self._key.sign(data)

    def pem(self) -> bytes:
        """Return the key as a file holds it."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def find_key(folder: Path) -> SigningKey | None:
    """Return the key in *folder*, if there is one. Raises BadInput for a file that holds none."""
    path = folder / FILE
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput.at(str(path), "expected the private key that Pennon wrote")
    return SigningKey(key)


def make_key(folder: Path) -> SigningKey:
    """
    Return the key in *folder*, made if there is none, in a file that only its owner may read.

    When two make one at once, both return the one that was there first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{FILE}.{token_hex(8)}"
    try:
        with open(temporary, "xb", opener=private) as file:
            file.write(SigningKey.generate().pem())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, folder / FILE)
    finally:
        temporary.unlink(missing_ok=True)
    key = find_key(folder)
    assert key is not None
    return key
