"""
Signed checkpoints: what a chain's head was, kept where whoever has the database cannot reach.

A line is the canonical JSON of a `Checkpoint` with its signature as a last field; without that
field it is what was signed, byte for byte.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import DecodeError, Struct, json
from sqlalchemy import Connection

from pennon.errors import Conflict
from pennon.origin.audit.links import Checkpoint, Head, Link
from pennon.origin.audit.records import GENESIS, canonical
from pennon.origin.audit.signing import PublicKey, SigningKey
from pennon.origin.audit.stored import find_chains, find_head, read_batch

_SIGNATURE: Final = re.compile(rb',"signature":"([A-Za-z0-9+/]{86}==)"\}\n?\Z')
_checkpoint: Final = json.Decoder(Checkpoint)


class Unproven(Struct, frozen=True):
    """A line of a file of checkpoints that proves nothing, and why."""

    line: int
    why: str


def signed_line(head: Head, at: int, key: SigningKey) -> bytes:
    """Return the line that says what *head* was at a moment (epoch milliseconds)."""
    checkpoint = Checkpoint(
        chain=head.chain, sequence=head.sequence, hash=head.hash, at=at, key=key.public.id
    )
    data = canonical(checkpoint)
    return b'%b,"signature":"%b"}\n' % (data[:-1], b64encode(key.sign(data)))


def read_checkpoints(
    lines: Iterable[bytes], keys: Mapping[str, PublicKey]
) -> tuple[list[Checkpoint], list[Unproven]]:
    """Return the checkpoints in *lines* that were signed with one of *keys*, and the rest."""
    proven, unproven = [], []
    for number, line in enumerate(lines, start=1):
        found = _read(line, keys)
        if isinstance(found, str):
            unproven.append(Unproven(number, found))
        else:
            proven.append(found)
    return proven, unproven


def head_to_sign(connection: Connection, chain: str) -> Head:
    """
    Return the head of a chain, which must at least be that of its last record.

    Raises Conflict for one that is not: a signature would only vouch for the fault.
    """
    head = find_head(connection, chain)
    if head is not None:
        last = read_batch(connection, chain, head.sequence - 1, 2)
        if head.sequence == 0 and not last and head.hash == GENESIS:
            return head
        if len(last) == 1 and isinstance(last[0], Link):
            link = last[0]
            if link.hash == link.stored == head.hash and link.sequence == head.sequence:
                return head
    raise Conflict(
        f"The audit log of {chain!r} does not end as its head says. Run `pennon audit verify`."
    )


def heads_to_sign(connection: Connection) -> list[Head]:
    """Return the head of every chain. Raises Conflict, see `head_to_sign`."""
    return [head_to_sign(connection, chain) for chain in find_chains(connection)]


def _read(line: bytes, keys: Mapping[str, PublicKey]) -> Checkpoint | str:
    end = _SIGNATURE.search(line)
    if end is None:
        return "it does not end with a signature"
    data = line[: end.start()] + b"}"
    try:
        checkpoint = _checkpoint.decode(data)
    except (DecodeError, UnicodeDecodeError) as error:
        return f"it is no checkpoint: {error}"
    key = keys.get(checkpoint.key)
    if key is None:
        return f"it was signed with the key {checkpoint.key}, which was not given"
    signature = b64decode(end[1])
    # Base64 has several ways to write the last byte; one of them is ours.
    if b64encode(signature) != end[1] or not key.has_signed(data, signature):
        return f"its signature is not that of the key {checkpoint.key}"
    return checkpoint
