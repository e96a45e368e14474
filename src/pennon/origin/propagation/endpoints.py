"""The nodes that announced themselves, and the receipts of a version."""

from __future__ import annotations

import re
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import asdict

from pennon.errors import NotFound
from pennon.model.messages import NodeAnnouncement
from pennon.origin.propagation.receipts import Receipt
from pennon.origin.propagation.service import PropagationService
from pennon.web.endpoint import Call, Endpoint, NoQuery, get
from pennon.web.permissions import READ, READ_PART, Principal

_VERSION = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)


class ReceiptQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """For how many seconds to hold the answer until every PoP has the version."""

    wait: Annotated[float, Meta(ge=0, le=60)] = 0.0


class NodeView(NodeAnnouncement, frozen=True, kw_only=True, omit_defaults=False):
    """A node, and when it was last heard in epoch milliseconds."""

    last_seen: int


class NodeList(Struct, frozen=True):
    """All nodes heard within a day, by PoP and name."""

    items: list[NodeView]


def endpoints(service: PropagationService) -> list[Endpoint]:
    """Return the endpoints of the propagation board."""

    async def list_nodes(call: Call[None, NoQuery]) -> NodeList:
        """List the nodes that follow this origin, with those of their environments you may see."""
        return NodeList(
            [
                NodeView(**_fields(announcement, call.principal), last_seen=heard)
                for heard, announcement in service.registry.list()
            ]
        )

    async def show_propagation(call: Call[None, ReceiptQuery]) -> Receipt:
        """Show which PoPs have a version, and how long that took."""
        version = call.path["version"]
        if not _VERSION.fullmatch(version):
            raise NotFound("version", version)
        environment = f"{call.path['project']}/{call.path['environment']}"
        return await service.receipt(environment, int(version), call.query.wait)

    return [
        get("/api/v1/nodes", list_nodes, needs=READ_PART, query=NoQuery, answer=NodeList),
        get(
            "/api/v1/projects/{project}/environments/{environment}/versions/{version}/propagation",
            show_propagation,
            needs=READ,
            query=ReceiptQuery,
            answer=Receipt,
        ),
    ]


def _fields(announcement: NodeAnnouncement, reader: Principal) -> dict[str, Any]:
    seen = tuple(name for name in announcement.environments if reader.may("viewer", name))
    return {**asdict(announcement), "environments": seen}
