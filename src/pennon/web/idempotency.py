"""
The `Idempotency-Key` of a request that creates something: made once, however often it is asked.

Follows draft-ietf-httpapi-idempotency-key-header-07. A key is the client's own, for one endpoint:
another client, or another address, may use the same one for something else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from pennon.errors import BadInput

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
"""What says of an answer that it was given before."""

LONGEST: Final = 255
# The draft quotes it, as a structured field does with a string; most clients do not.
_KEY: Final = re.compile(rf'(?P<quote>"?)(?P<key>[\x21\x23-\x7e]{{1,{LONGEST}}})(?P=quote)')

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Once:
    """
    Which creation is asked for, and how its answer is kept.

    `id` and `fingerprint` are hashes, of which creation it is and of what is to be created; they
    tell neither the key nor what was sent. `location` gives the path of what was created. An
    answer that `shows_secret` is not kept.
    """

    id: str
    fingerprint: str
    location: Callable[[Any], str]
    shows_secret: bool = False


def key_in(sent: Sequence[str]) -> str | None:
    """Return the key in the headers *sent*, None where there is no such header. Raises BadInput."""
    if not sent:
        return None
    found = _KEY.fullmatch(sent[0].strip()) if len(sent) == 1 else None
    if found is None:
        raise BadInput.at(
            HEADER, f"expected one key of 1 to {LONGEST} visible ASCII characters, such as a UUID"
        )
    return found["key"]


def id_of(asker: str, path: str, key: str) -> str:
    """Return the id of what *asker* asks of the endpoint at *path* under *key*."""
    return _hash((asker, path, key))


def fingerprint_of(body: object, secrets: Collection[str]) -> str:
    """
    Return the fingerprint of a body, however it was written.

    Its *secrets* leave no trace in it: what is quickly hashed is quickly guessed.
    """
    said = msgspec.to_builtins(body)
    if isinstance(said, dict):
        said = {name: value for name, value in said.items() if name not in secrets}
    return _hash(said)


def _hash(value: object) -> str:
    return hashlib.sha256(_encode(value)).hexdigest()
