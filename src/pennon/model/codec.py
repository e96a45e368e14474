"""
Bytes in, typed objects out, and back: every encoder and decoder of the wire.

An item's canonical bytes are what `encode_item` gives at the origin; everywhere else they are
carried raw. Item hash: SHA-256 of ``kind \\0 key \\0 bytes``, cut to 128 bits. An environment's
digest is the XOR of its items' hashes, so that it can be kept incrementally.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from pennon.errors import BadInput, Fault
from pennon.model.choices import choices_at
from pennon.model.flag import Flag, Wire
from pennon.model.members import MembersDelta
from pennon.model.messages import Change, Goodbye, Heartbeat, ItemId, ItemKind, Snapshot
from pennon.model.position import ACCESS, Epoch, Position, Version
from pennon.model.segment import Segment

T = TypeVar("T")

_canonical = msgspec.json.Encoder(order="deterministic")
_encode = msgspec.json.Encoder().encode
# Made once for each type: to make a decoder costs more than to read a request with it.
_decoder: Callable[[Any], msgspec.json.Decoder[Any]] = lru_cache(256)(msgspec.json.Decoder)
_NO_RAW = Raw(b"")
_FIELD = re.compile(
    r"Object (?:(?P<unknown>contains unknown)|missing required) field `(?P<name>.*)`", re.DOTALL
)
# What msgspec says of a key of an object: "at `key` in `$.flags`".
_KEY = "key` in `"
_VALUE = re.compile(r"Invalid (?:enum )?value (?P<got>.*)", re.DOTALL)

EVENT_OF_KIND: dict[ItemKind, str] = {
    "flag": "flag_update",
    "segment": "segment_update",
    "key": "access_update",
    "environment": "access_update",
}
_MEMBERS: dict[ItemKind, str] = {
    "flag": "flags",
    "segment": "segments",
    "key": "keys",
    "environment": "environments",
}


class _ChangeWire(Wire, frozen=True, kw_only=True):
    environment: str
    epoch: Epoch
    version: Version
    key: str
    kind: ItemKind = "flag"
    flag: Raw = _NO_RAW
    segment: Raw = _NO_RAW
    item: Raw = _NO_RAW
    committed_at: int = 0
    members: MembersDelta | None = None


class _DatafileWire(Wire, frozen=True, kw_only=True):
    environment: str
    epoch: Epoch
    version: Version
    digest: str
    flags: dict[str, Raw] = {}
    segments: dict[str, Raw] = {}
    keys: dict[str, Raw] = {}
    environments: dict[str, Raw] = {}


class _EnvelopeWire(Wire, frozen=True, kw_only=True):
    datafile: _DatafileWire
    shrink_allowed: bool = False
    committed_at: int = 0


_change = msgspec.json.Decoder(_ChangeWire)
_envelope = msgspec.json.Decoder(_EnvelopeWire)
_heartbeat = msgspec.json.Decoder(Heartbeat)
_goodbye = msgspec.json.Decoder(Goodbye)
_flag = msgspec.json.Decoder(Flag)
_segment = msgspec.json.Decoder(Segment)


def decode(data: bytes | str, type: type[T]) -> T:
    """Decode JSON into *type*. Raises BadInput with the path of the first fault."""
    decoded: T = _guard(_decoder(type), data)
    return decoded


def encode_item(item: Struct) -> bytes:
    """Return the canonical bytes of a flag, segment, key or environment."""
    return _canonical.encode(item)


def item_hash(kind: ItemKind, key: str, data: bytes) -> int:
    """Return an item's 128-bit share of the digest."""
    digest = hashlib.sha256(b"\0".join((kind.encode(), key.encode(), data))).digest()
    return int.from_bytes(digest[:16], "big")


def digest_of(items: Mapping[ItemId, bytes]) -> int:
    """Return the digest of an environment that holds *items*."""
    digest = 0
    for (kind, key), data in items.items():
        digest ^= item_hash(kind, key, data)
    return digest


def format_digest(digest: int) -> str:
    """Return a digest as it is written on the wire: 32 hex digits."""
    return f"{digest:032x}"


def fault_of(error: msgspec.ValidationError, type: Any) -> Fault:
    """
    Return msgspec's ``Expected `int`, got `str` - at `$.rules[0]` `` as a path and a message.

    *type* is what was expected: it knows the choices where there are some.
    """
    message, at, path = str(error).rpartition(" - at `")
    path, message = (path.removesuffix("`"), message) if at else ("$", str(error))
    if path.startswith(_KEY):
        return Fault(path.removeprefix(_KEY), f"in a key, {message[0].lower()}{message[1:]}")
    if field := _FIELD.fullmatch(message):
        what = "unknown field" if field["unknown"] else "a required field is missing"
        return Fault(f"{path}.{field['name']}", what)
    if (value := _VALUE.fullmatch(message)) and (choices := choices_at(type, path)):
        listed = ", ".join(map(repr, choices))
        return Fault(path, f"expected one of {listed}, got {value['got']}")
    return Fault(path, message)


def decode_flag(data: bytes) -> Flag:
    """Decode a flag's bytes. Raises BadInput when they are malformed."""
    return _guard(_flag, data)


def decode_segment(data: bytes) -> Segment:
    """Decode a segment's bytes. Raises BadInput when they are malformed."""
    return _guard(_segment, data)


def make_change(
    environment: str,
    position: Position,
    kind: ItemKind,
    key: str,
    item: bytes | None,
    committed_at: int,
    members: MembersDelta | None = None,
) -> Change:
    """
    Encode a change once; its `data` is what every follower will receive.

    *members* is of a segment's change alone: how its external members changed with it.
    """
    head: dict[str, Any] = {
        "environment": environment,
        "epoch": position.epoch,
        "version": position.version,
        "key": key,
    }
    member = kind
    if environment == ACCESS:
        head["kind"], member = kind, "item"  # type: ignore[assignment]  # a member, not a kind
    if item is not None:
        head[member] = Raw(item)
    head["committedAt"] = committed_at
    if members is not None:
        head["members"] = members
    return Change(
        environment=environment,
        position=position,
        kind=kind,
        key=key,
        item=item,
        committed_at=committed_at,
        data=_encode(head),
        members=members,
    )


def decode_change(event: str, data: bytes) -> Change:
    """Read a `flag_update`, `segment_update` or `access_update`. Raises BadInput."""
    wire = _guard(_change, data)
    match event:
        case "flag_update":
            kind, raw = "flag", wire.flag
        case "segment_update":
            kind, raw = "segment", wire.segment
        case _:
            kind, raw = wire.kind, wire.item
    item = bytes(raw)
    return Change(
        environment=wire.environment,
        position=Position(wire.epoch, wire.version),
        kind=kind,  # type: ignore[arg-type]  # the match above yields an ItemKind
        key=wire.key,
        item=item or None,
        committed_at=wire.committed_at,
        data=data,
        members=wire.members if kind == "segment" else None,
    )


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return the envelope ``{datafile, shrinkAllowed, committedAt}``, items byte for byte."""
    datafile: dict[str, Any] = {
        "environment": snapshot.environment,
        "epoch": snapshot.position.epoch,
        "version": snapshot.position.version,
        "digest": format_digest(snapshot.digest),
    }
    kinds: Iterable[ItemKind] = (
        ("key", "environment") if snapshot.environment == ACCESS else ("flag", "segment")
    )
    for kind in kinds:
        datafile[_MEMBERS[kind]] = {}
    for (kind, key), data in snapshot.items.items():
        datafile[_MEMBERS[kind]][key] = Raw(data)
    return _encode(
        {
            "datafile": datafile,
            "shrinkAllowed": snapshot.shrink_allowed,
            "committedAt": snapshot.committed_at,
        }
    )


def decode_snapshot(data: bytes) -> Snapshot:
    """
    Read an envelope and check its digest. Raises BadInput.

    Items stay undecoded: one malformed flag must not hide the others.
    """
    wire = _guard(_envelope, data)
    datafile = wire.datafile
    items: dict[ItemId, bytes] = {}
    for kind, member in _MEMBERS.items():
        for key, raw in getattr(datafile, member).items():
            items[kind, key] = bytes(raw)
    digest = digest_of(items)
    if format_digest(digest) != datafile.digest:
        raise BadInput.at(
            "$.datafile.digest", f"expected {format_digest(digest)}, the digest of the items"
        )
    return Snapshot(
        environment=datafile.environment,
        position=Position(datafile.epoch, datafile.version),
        digest=digest,
        items=items,
        shrink_allowed=wire.shrink_allowed,
        committed_at=wire.committed_at,
    )


def decode_heartbeat(data: bytes) -> Heartbeat:
    """Read a `heartbeat`. Raises BadInput."""
    return _guard(_heartbeat, data)


def decode_goodbye(data: bytes) -> Goodbye:
    """Read a `goodbye`. Raises BadInput."""
    return _guard(_goodbye, data)


def _guard(decoder: msgspec.json.Decoder[T], data: bytes | str) -> T:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise BadInput([fault_of(error, decoder.type)]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput.at("$", f"expected JSON: {error}") from None
    except RecursionError:
        raise BadInput.at("$", "expected JSON that is nested less deeply") from None
