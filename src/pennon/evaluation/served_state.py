"""
What a client holds, in one word: where it is of, for whom it is, and a hash of all answers.

A client keeps the word and says it when it comes back, to this node or to another. The hash alone
shows that it has everything; the position shows what it may lack, if it is for the same context.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from pennon.errors import BadInput
from pennon.evaluation.entries import ClientKind
from pennon.evaluation.served import Served
from pennon.model.context import Context
from pennon.model.position import Position

LONGEST: Final = 100
"""Characters of the longest word."""
_NAME: Final = 8
_WORD: Final = re.compile(r"(?P<position>.+)\.(?P<whose>[0-9a-f]{16})\.(?P<hash>[0-9a-f]{16})")


class State(NamedTuple):
    """A position, the beginning of the name of whom it is for, and the hash of the answers."""

    position: Position
    whose: bytes
    hash: int

    def __str__(self) -> str:
        return f"{self.position}.{self.whose.hex()}.{self.hash:016x}"

    @classmethod
    def of(cls, position: Position, name: bytes, answers: Iterable[Served]) -> State:
        """Return the state of who has *answers*, which are for whom *name* says."""
        return cls(position, name[:_NAME], hash_of(answers))

    @classmethod
    def parse(cls, text: str) -> State | None:
        """Return what *text* says; what cannot be read says nothing."""
        word = _WORD.fullmatch(text) if len(text) <= LONGEST else None
        if word is None:
            return None
        try:
            position = Position.parse(word["position"])
        except BadInput:
            return None
        return cls(position, bytes.fromhex(word["whose"]), int(word["hash"], 16))


def hash_of(answers: Iterable[Served]) -> int:
    """Return the hash of all *answers*, whatever their order."""
    hash = 0
    for answer in answers:
        hash ^= answer.share
    return hash


def name_of(environment: str, side: ClientKind, context: Context) -> bytes:
    """
    Return the name of all who are answered alike: 32 bytes, one to a context.

    Unlike the hash that a page makes of its context, it tells apart every two numbers.
    Raises BadInput when the context nests too deep.
    """
    try:
        text = json.dumps([environment, side, context.kinds], sort_keys=True)
    except (RecursionError, ValueError):
        raise BadInput.at("$.context", "expected a context that nests less deeply") from None
    return hashlib.sha256(text.encode()).digest()
