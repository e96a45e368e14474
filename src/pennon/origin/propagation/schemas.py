"""What is asked and answered of nodes and receipts."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from pennon.model.messages import NodeAnnouncement, Role
from pennon.origin.schemas import ListQuery, View


class ReceiptQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """For how many seconds to hold the answer until every PoP has the version."""

    wait: Annotated[float, Meta(ge=0, le=60)] = 0.0


class NodesQuery(ListQuery, frozen=True, kw_only=True):
    """Which nodes are listed: those that meet all that is said."""

    pop: str | None = None
    region: str | None = None
    role: Role | None = None
    environment: str | None = None


class NodeView(NodeAnnouncement, frozen=True, kw_only=True, omit_defaults=False):
    """A node, and when it was last heard in epoch milliseconds."""

    last_seen: int


class NodePage(View, frozen=True, kw_only=True):
    """Nodes heard within a day, by PoP and name."""

    items: tuple[NodeView, ...]
    next: str | None = None


class Removed(View, frozen=True, kw_only=True):
    """The nodes of a PoP that were removed, by name."""

    pop: str
    nodes: tuple[str, ...]
