"""One audit record, and how it is hashed. Pure, so that whoever verifies a log does the same."""

from __future__ import annotations

import hashlib
from typing import Final

from msgspec import Raw, Struct, json

GENESIS: Final = "0" * 64
"""What stands for the previous hash in the first record of a chain."""

_canonical: Final = json.Encoder(order="deterministic")


class Record(Struct, frozen=True, kw_only=True, rename="camel"):
    """
    What is hashed of a change, in this order of fields.

    `before` and `after` are the object as it was and as it became, `null` where there was or is
    none. `instructions` are those that were asked for, `null` where the change came in another
    form, and `summary` says what was done, a sentence each. `versions` holds the newest version
    of each environment that moved. What is JSON is kept as the bytes that are stored, so that
    the hash covers every one of them.
    """

    chain: str
    sequence: int
    previous: str
    at: int
    actor: str
    actor_name: str
    address: str
    action: str
    resource: str
    environment: str | None
    before: Raw
    after: Raw
    comment: str | None
    instructions: Raw
    summary: Raw
    versions: Raw

    def hash(self) -> str:
        """Return the hex SHA-256 of the record's canonical JSON, which holds the previous one."""
        return hash_of(canonical(self))


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a value: no blanks, the keys of a dict in order."""
    return _canonical.encode(value)


def hash_of(record: bytes) -> str:
    """Return the hash of a record by its canonical JSON."""
    return hashlib.sha256(record).hexdigest()
