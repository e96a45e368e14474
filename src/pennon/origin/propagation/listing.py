"""A page of the registry of nodes, as one reader may see it."""

from __future__ import annotations

from msgspec.structs import asdict

from pennon.errors import BadInput
from pennon.model.messages import NodeAnnouncement
from pennon.origin.paging import decode_cursor, encode_cursor
from pennon.origin.propagation.nodes import Heard, Nodes
from pennon.origin.propagation.schemas import NodePage, NodesQuery, NodeView
from pennon.web.permissions import Principal


def list_nodes(registry: Nodes, asked: NodesQuery, reader: Principal) -> NodePage:
    """Return a page of the nodes that *asked* describes. Raises BadInput for a wrong cursor."""
    found: list[NodeView] = []
    for heard in registry.after(_last(asked.cursor)):
        view = _view(heard, reader)
        if not _is_meant(view, asked):
            continue
        if len(found) == asked.limit:
            last = found[-1]
            return NodePage(items=tuple(found), next=encode_cursor(f"{last.pop}/{last.node}"))
        found.append(view)
    return NodePage(items=tuple(found))


def _view(heard: Heard, reader: Principal) -> NodeView:
    seen = tuple(name for name in heard.node.environments if reader.may("viewer", name))
    return NodeView(**{**asdict(heard.node), "environments": seen}, last_seen=heard.at)


def _is_meant(node: NodeAnnouncement, asked: NodesQuery) -> bool:
    texts = (node.node, node.pop, node.region, node.software)
    return (
        asked.pop in (None, node.pop)
        and asked.region in (None, node.region)
        and asked.role in (None, node.role)
        and (asked.environment is None or asked.environment in node.environments)
        and (asked.q is None or any(asked.q.lower() in text.lower() for text in texts))
    )


def _last(cursor: str | None) -> tuple[str, str]:
    if cursor is None:
        return ("", "")
    pop, slash, node = decode_cursor(cursor).partition("/")
    if not slash:
        raise BadInput.at("?cursor", "expected the `next` of an earlier page")
    return pop, node
