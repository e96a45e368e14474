"""One audit record, and how it is hashed. Pure, so that whoever verifies a log does the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from msgspec import Raw, Struct, json

GENESIS: Final = "0" * 64
"""What stands for the previous hash in the first record of a chain."""

_canonical: Final = json.Encoder(order="deterministic")


class Record(Struct, frozen=True, kw_only=True, rename="camel"):
    """
    What is hashed of a change, in this order of fields.

    `before` and `after` are the bytes of the object as it was and as it became, `null` where
    there was or is none. `instructions` are those that were asked for, `null` where the change
    came in another form, and `summary` says what was done, a sentence each. `versions` holds the
    newest version of each environment that moved.
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
    summary: tuple[str, ...]
    versions: dict[str, int]

    def hash(self) -> str:
        """Return the hex SHA-256 of the record's canonical JSON, which holds the previous one."""
        return hashlib.sha256(_canonical.encode(self)).hexdigest()


def canonical(value: Struct | Sequence[Struct] | None) -> bytes:
    """Return the canonical JSON of an object, of several, or of its absence."""
    return _canonical.encode(value)
