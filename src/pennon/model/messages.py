"""
What nodes say to each other: the messages of the stream, and what goes the other way.

An item (a flag, a segment, a key, an environment's name) is known to the relay as opaque bytes:
the very bytes that the origin encoded, kept raw so that every tier holds, hashes and forwards
the same. Only an evaluating node decodes them.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from pennon.model.flag import Wire
from pennon.model.members import MembersDelta
from pennon.model.position import Epoch, Position, Version

ItemKind = Literal["flag", "segment", "key", "environment"]
ITEM_KINDS: tuple[ItemKind, ...] = get_args(ItemKind)
ItemId = tuple[ItemKind, str]

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$(?!\n)")]
"""The name of a PoP or a node."""
Region = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{0,64}$(?!\n)")]
MOST_NAMED = 200
"""How many nodes of a PoP are named at once."""
MOST_FOLLOWED = 5_000
"""How many environments a node may say that it follows."""

Role = Literal["origin", "connector", "edge"]
"""What a node is, as far as others need to know."""


class Change(Struct, frozen=True, kw_only=True):
    """
    One item changed, by one version. `item` holds its bytes, or None when it was deleted.

    `members` tells, of a segment that keeps its members outside, how they changed. `data` is the
    encoded message as it travels; a node forwards it and never makes it anew.
    """

    environment: str
    position: Position
    kind: ItemKind
    key: str
    item: bytes | None
    committed_at: int
    data: bytes
    members: MembersDelta | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """A whole environment at one position: what `full_sync`, L2, L3 and `/datafile` carry."""

    environment: str
    position: Position
    digest: int
    items: dict[ItemId, bytes]
    shrink_allowed: bool = False
    committed_at: int = 0


class Heartbeat(Wire, frozen=True, kw_only=True):
    """Where the parent stands; `time` is its clock in epoch milliseconds."""

    environment: str
    epoch: Epoch
    version: Version
    digest: str
    time: int

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.version)


class StreamRequest(Wire, frozen=True, kw_only=True):
    """The body of ``POST /sync/v1/stream``: environments, and the position held of each."""

    environments: dict[str, str | None]


class Goodbye(Wire, frozen=True, kw_only=True):
    """The parent drains: come back, or go elsewhere, after `retry_after_ms`."""

    retry_after_ms: int = 0


class Unreadable(Struct, frozen=True, kw_only=True):
    """A change or a snapshot of *environment* that cannot be read, and what is wrong with it."""

    environment: str
    kind: Literal["change", "snapshot"]
    reason: str


class Contact(Struct, frozen=True):
    """Bytes arrived that carry no message: the parent is alive."""


Message = Change | Snapshot | Heartbeat | Unreadable | Goodbye | Contact


Time = Annotated[int, Meta(ge=0, lt=2**53)]
"""Epoch milliseconds."""


class Applied(Wire, frozen=True, kw_only=True):
    """A position that a PoP holds; `applied_at` is epoch milliseconds by the parent's clock."""

    epoch: Epoch
    version: Version
    applied_at: Time


class PopAcks(Wire, frozen=True, kw_only=True):
    """
    What nodes of one PoP have applied, all of them the same; a position covers all below it.

    They are named, so that the newest report of a node stands whatever way it took. Where none
    is, the sender speaks for itself.
    """

    pop: Name
    region: Region = ""
    nodes: Annotated[tuple[Name, ...], Meta(max_length=MOST_NAMED)] = ()
    applied: dict[str, tuple[Applied, ...]] = {}


class Acks(Wire, frozen=True, kw_only=True):
    """The body of ``POST /sync/v1/acks``; `node` is who sends it."""

    node: Name
    pops: tuple[PopAcks, ...] = ()


class NodeAnnouncement(Wire, frozen=True, kw_only=True):
    """
    Who a node is and how it does.

    `environments` are all that it follows: it answers for no other any more. `parent` is the
    address of the one that it follows.
    """

    node: Name
    role: Role
    software: Annotated[str, Meta(max_length=100)]
    pop: Name
    region: Region = ""
    latitude: float | None = None
    longitude: float | None = None
    environments: Annotated[tuple[str, ...], Meta(max_length=MOST_FOLLOWED)] = ()
    followers: int = 0
    lag_ms: int | None = None
    clock_offset_ms: int | None = None
    parent: Annotated[str, Meta(max_length=300)] = ""
    started_at: Time


class NodeAnnouncements(Wire, frozen=True, kw_only=True):
    """The body of ``POST /sync/v1/nodes``: the newest of each node that has one."""

    nodes: tuple[NodeAnnouncement, ...]


ENVIRONMENTS_PATH = "/sync/v1/environments"


class GrantedEnvironments(Wire, frozen=True, kw_only=True):
    """The answer to ``GET /sync/v1/environments``: those that the key opens, by name."""

    environments: tuple[str, ...]
