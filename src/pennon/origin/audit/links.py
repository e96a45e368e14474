"""What a chain is made of, wherever it was read from: links, the head, and signed checkpoints."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from pennon.origin.audit.records import GENESIS, Record


class Head(Struct, frozen=True, kw_only=True):
    """Where a chain ends: the number of its newest record, and that record's hash."""

    chain: str
    sequence: int
    hash: str

    @classmethod
    def before_first(cls, chain: str) -> Head:
        """Return the head of a chain that has no record yet."""
        return cls(chain=chain, sequence=0, hash=GENESIS)


class Checkpoint(Struct, frozen=True, kw_only=True):
    """A head as it was at a moment (epoch milliseconds), signed with the key of an id."""

    chain: str
    sequence: int
    hash: str
    at: int
    key: str


class Link(Struct, frozen=True):
    """A record, the hash that is `stored` with it, and the `hash` that its contents have."""

    record: Record
    stored: str
    hash: str

    @property
    def sequence(self) -> int:
        """The number of the record."""
        return self.record.sequence

    def was_written_as(self, sequence: int) -> bool:
        """Return whether the stored hash is that of these contents under another number."""
        return replace(self.record, sequence=sequence).hash() == self.stored


class Unreadable(Struct, frozen=True):
    """What stands in the place of a record and cannot be read as one; its number if it has one."""

    why: str
    sequence: int | None = None
