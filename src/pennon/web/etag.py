"""Entity tags: a hash of what was answered, so that a change can be refused if it moved on."""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec
from msgspec import Struct

from pennon.errors import BadInput, PreconditionFailed

# A proxy that compresses marks our tags as weak; to us they name the same representation.
_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e]*")')


def etag_of(body: bytes) -> str:
    """Return the entity tag of an answer's body."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


class Tags(Struct, frozen=True):
    """The tags of an ``If-Match`` or ``If-None-Match`` header; None means ``*``."""

    tags: frozenset[str] | None

    @classmethod
    def parse(cls, name: str, value: str) -> Tags:
        """Read the header *name*. Raises BadInput."""
        if value.strip() == "*":
            return cls(None)
        parts = [_TAG.fullmatch(part.strip()) for part in value.split(",")]
        if not all(parts):
            raise BadInput.at(name, f"expected entity tags such as {etag_of(b'')}")
        return cls(frozenset(part[1] for part in parts if part))

    def match(self, tag: str) -> bool:
        """Return whether *tag* is among them."""
        return self.tags is None or tag in self.tags

    def check(self, current: Struct) -> None:
        """Raise PreconditionFailed unless *current*, as it would be answered, is meant."""
        if not self.match(etag_of(msgspec.json.encode(current))):
            raise PreconditionFailed(
                "It has changed since the version that If-Match names. Read it again, "
                "then repeat the change if it is still wanted."
            )


ANY: Final = Tags(None)
