"""The nodes that announced themselves, and the receipts of a version."""

from __future__ import annotations

import re

from pennon.errors import NotFound
from pennon.origin.authors import author_of
from pennon.origin.propagation.listing import list_nodes
from pennon.origin.propagation.receipts import Receipt
from pennon.origin.propagation.removal import record_removal
from pennon.origin.propagation.schemas import NodePage, NodesQuery, ReceiptQuery, Removed
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, NoQuery, delete, get
from pennon.web.permissions import ADMINISTER, READ, READ_PART

_VERSION = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return the endpoints of the propagation board."""
    board = origin.propagation

    async def show_nodes(call: Call[None, NodesQuery]) -> NodePage:
        """List the nodes that follow this origin, with those of their environments you may see."""
        return list_nodes(board.registry, call.query, call.principal)

    async def removed(call: Call[None, NoQuery], pop: str, node: str | None = None) -> Removed:
        names = board.names(pop, node)
        if not names:
            raise NotFound("PoP" if node is None else "node", node or pop)
        gone = Removed(pop=pop, nodes=names)
        await origin.write(lambda tx: record_removal(tx, gone, node, author_of(call)))
        await board.remove(pop, node)
        return gone

    async def remove_pop(call: Call[None, NoQuery]) -> Removed:
        """Remove a PoP: no version waits for it, until it is heard again."""
        return await removed(call, call["pop"])

    async def remove_node(call: Call[None, NoQuery]) -> Removed:
        """Remove a node: its PoP no longer waits for it, until it is heard again."""
        return await removed(call, call["pop"], call["node"])

    async def show_propagation(call: Call[None, ReceiptQuery]) -> Receipt:
        """Show which PoPs have a version, and how long that took."""
        version = call.path["version"]
        if not _VERSION.fullmatch(version):
            raise NotFound("version", version)
        environment = f"{call.path['project']}/{call.path['environment']}"
        return await board.receipt(environment, int(version), call.query.wait)

    nodes = "/api/v1/nodes"
    return [
        get(nodes, show_nodes, needs=READ_PART, query=NodesQuery, answer=NodePage),
        delete(f"{nodes}/{{pop}}", remove_pop, needs=ADMINISTER, answer=Removed),
        delete(f"{nodes}/{{pop}}/{{node}}", remove_node, needs=ADMINISTER, answer=Removed),
        get(
            "/api/v1/projects/{project}/environments/{environment}/versions/{version}/propagation",
            show_propagation,
            needs=READ,
            query=ReceiptQuery,
            answer=Receipt,
        ),
    ]
