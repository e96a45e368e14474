"""
How a value that exceeds a message lies in a bucket: its parts, and a head that names them.

A part's key has the position and the contents' hash in it, so that no part is ever written with
other contents; the head is replaced last and alone says what there is. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from pennon.model.codec import decode
from pennon.model.flag import Wire
from pennon.model.position import Epoch, Position, Version

PART_BYTES: Final = 512 * 1024
"""The most that one part holds: half of what a NATS server takes by default."""
_MOST_PARTS: Final = 2048
"""More than any datafile needs: nobody is made to ask for a million parts."""

_encode = msgspec.json.Encoder().encode


class Head(Wire, frozen=True, kw_only=True):
    """What is kept: its position, the hash of all its bytes, and in how many parts they lie."""

    epoch: Epoch
    version: Version
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    parts: Annotated[int, Meta(ge=1, le=_MOST_PARTS)]

    @property
    def position(self) -> Position:
        """Where the environment stands that is kept."""
        return Position(self.epoch, self.version)


class PartSet(NamedTuple):
    """The first words of the keys of one value's parts, and the position that they hold."""

    prefix: str
    position: Position


def cut(value: bytes, position: Position, size: int = PART_BYTES) -> tuple[Head, list[bytes]]:
    """Return the head of *value*, and its parts of at most *size* bytes."""
    parts = [value[start : start + size] for start in range(0, len(value), size)] or [b""]
    head = Head(
        epoch=position.epoch,
        version=position.version,
        sha256=hashlib.sha256(value).hexdigest(),
        parts=len(parts),
    )
    return head, parts


def encode_head(head: Head) -> bytes:
    """Return *head* as it is kept."""
    return _encode(head)


def decode_head(data: bytes) -> Head:
    """Read a head. Raises BadInput."""
    return decode(data, Head)


def joined(head: Head, parts: list[bytes]) -> bytes | None:
    """Return the value, or None when *parts* are not what *head* was made of."""
    value = b"".join(parts)
    return value if hashlib.sha256(value).hexdigest() == head.sha256 else None


def folder_of(environment: str) -> str:
    """Return the first words of all keys of *environment*: ``shop.production``, ``_access``."""
    return environment.replace("$", "_").replace("/", ".")


def head_key(environment: str) -> str:
    """Return the key of the head of *environment*."""
    return f"{folder_of(environment)}.head"


def part_keys(environment: str, head: Head) -> list[str]:
    """Return the keys of the parts that *head* names, in order."""
    prefix = f"{folder_of(environment)}.part.{head.position}.{head.sha256[:16]}"
    return [f"{prefix}.{number}" for number in range(head.parts)]


def part_sets(environment: str, keys: Iterable[str]) -> set[PartSet]:
    """Return the sets that the *keys* of parts belong to; what is no part's key is left out."""
    start = f"{folder_of(environment)}.part."
    sets = set()
    for key in keys:
        words = key.removeprefix(start).split(".")
        if key.startswith(start) and len(words) == 4 and words[1].isdecimal():
            position = Position(words[0], int(words[1]))
            sets.add(PartSet(key.rpartition(".")[0], position))
    return sets
