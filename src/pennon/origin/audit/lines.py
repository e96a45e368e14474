"""
An exported log: JSON Lines that can be verified without the database that they came from.

A chain is a line with its head, then a line for each record: the canonical JSON that was hashed,
with its hash as a last field. Without that field a line hashes to it, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import DecodeError, Struct, json

from pennon.errors import BadInput
from pennon.origin.audit.links import Head, Link, Unreadable
from pennon.origin.audit.records import Record, canonical, hash_of

_HEAD: Final = b'{"head":'
_HASH: Final = re.compile(rb',"hash":"([0-9a-f]{64})"\}\n?\Z')

Block = tuple[Head, Iterator[Link | Unreadable]]
"""A chain in an export. Its records can be read until the next block is asked for."""


class _HeadLine(Struct, frozen=True, kw_only=True):
    head: str
    sequence: int
    hash: str


_head_line: Final = json.Decoder(_HeadLine)
_record: Final = json.Decoder(Record)


def head_line(head: Head) -> bytes:
    """Return the line that a chain begins with."""
    line = _HeadLine(head=head.chain, sequence=head.sequence, hash=head.hash)
    return canonical(line) + b"\n"


def record_line(link: Link) -> bytes:
    """Return the line of a record, with the hash that is stored with it."""
    return b'%b,"hash":"%b"}\n' % (canonical(link.record)[:-1], link.stored.encode())


def read_export(lines: Iterable[bytes]) -> Iterator[Block]:
    """Yield each chain of an export. Raises BadInput when it does not begin with a head."""
    rest = iter(lines)
    head = _read_head(next(rest, b""))
    if head is None:
        raise BadInput.at("$", "expected what `pennon audit export` wrote: a line with a head")
    while head is not None:
        block = _Links(rest)
        yield head, block
        head = block.finish()


class _Links(Iterator[Link | Unreadable]):
    """The records up to the next head."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._next: Head | None = None

    def __next__(self) -> Link | Unreadable:
        if self._next is not None:
            raise StopIteration
        line = next(self._lines)
        self._next = _read_head(line)
        if self._next is not None:
            raise StopIteration
        return _read_link(line)

    def finish(self) -> Head | None:
        """Pass over what nobody has read, and return the head after it."""
        for _ in self:
            pass
        return self._next


def _read_head(line: bytes) -> Head | None:
    if not line.startswith(_HEAD):
        return None
    try:
        found = _head_line.decode(line)
    except (DecodeError, UnicodeDecodeError):
        return None
    return Head(chain=found.head, sequence=found.sequence, hash=found.hash)


def _read_link(line: bytes) -> Link | Unreadable:
    end = _HASH.search(line)
    if end is None:
        return Unreadable("its line does not end with a hash")
    hashed = line[: end.start()] + b"}"
    try:
        return Link(_record.decode(hashed), end[1].decode(), hash_of(hashed))
    except (DecodeError, UnicodeDecodeError) as error:
        return Unreadable(f"its line is not a record: {error}")
