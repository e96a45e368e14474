"""`pennon node`: the connectors and edges below an origin."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import msgspec
from cyclopts import App, Parameter
from rich.table import Table

from pennon.cli.api_client import ApiClient, Query, segment
from pennon.cli.connection import OriginAddress, target_of
from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import Wire

T = TypeVar("T")

Where = Annotated[OriginAddress | None, Parameter(name="*")]

_EXAMPLES = """\
Examples:

  pennon node list --in-region eu
  pennon node list --of shop/production --json
  pennon node remove ams
  pennon node remove ams edge-7"""

_NODES = "/api/v1/nodes"
_HEADINGS = ("POP", "NODE", "ROLE", "REGION", "RUNS", "FOLLOWS", "PARENT", "BELOW", "LAG", "SEEN")
_MOST_NAMED = 3


class NodeView(Wire, frozen=True, kw_only=True):
    """A node, as far as it is drawn."""

    node: str
    pop: str
    role: str
    software: str
    region: str = ""
    environments: tuple[str, ...] = ()
    followers: int = 0
    lag_ms: int | None = None
    parent: str = ""
    last_seen: int = 0


class RemovedView(Wire, frozen=True, kw_only=True):
    """What was removed."""

    pop: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """
    Which nodes are listed: those that meet all that is said.

    Not `--pop` and `--region`: on an edge's machine their variables say who the edge is.
    """

    in_pop: str | None = None
    """List only the nodes of this PoP."""

    in_region: str | None = None
    """List only the nodes of this region."""

    role: Literal["connector", "edge"] | None = None
    """List only connectors, or only edges."""

    of: str | None = None
    """List only nodes that follow this environment, such as shop/production."""

    q: str | None = None
    """List only nodes whose name, PoP, region or software holds this text."""

    def query(self) -> Query:
        """Return them as the API has them."""
        return {
            "pop": self.in_pop,
            "region": self.in_region,
            "role": self.role,
            "environment": self.of,
            "q": self.q,
        }


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(name="node", help="See the nodes below an origin.", sort_key=6)
    group.help_epilogue = _EXAMPLES
    group.command(list_, name="list")
    group.command(remove)
    app.command(group)


def list_(
    *,
    filters: Annotated[Filters | None, Parameter(name="*")] = None,
    where: Where = None,
    json: Json = False,
) -> None:
    """List the nodes heard within a day: what each runs, whom it follows, and how it does."""
    with _client(where) as client:
        nodes = list(client.pages(_NODES, (filters or Filters()).query(), None))
    if json:
        print_json({"items": [msgspec.Raw(node) for node in nodes]})
    elif nodes:
        print_text(_table([_read(node, NodeView) for node in nodes], round(time.time() * 1000)))
    else:
        print_text("There are no such nodes." if filters else "There are no nodes.")


def remove(
    pop_name: str, node_name: str | None = None, /, *, where: Where = None, json: Json = False
) -> None:
    """
    Remove a PoP, or one node of it, that is gone for good: no change waits for it any more.

    A node that lives is back with its next report.

    Parameters
    ----------
    pop_name
        The PoP's name.
    node_name
        The node's name, where its PoP is to stay.
    """
    path = f"{_NODES}/{segment(pop_name, 'POP_NAME')}"
    if node_name is not None:
        path += f"/{segment(node_name, 'NODE_NAME')}"
    with _client(where) as client:
        body = client.ask("DELETE", path)
    if json:
        print_json(msgspec.Raw(body))
    else:
        gone = _read(body, RemovedView)
        print_text(f"Removed from PoP {gone.pop}: {', '.join(gone.nodes)}.")


def _table(nodes: list[NodeView], now_ms: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold")
    for node in nodes:
        table.add_row(
            *(node.pop, node.node, node.role, node.region, node.software),
            _follows(node.environments),
            node.parent,
            str(node.followers),
            "" if node.lag_ms is None else _span(node.lag_ms),
            f"{_span(max(now_ms - node.last_seen, 0))} ago",
        )
    return table


def _follows(environments: tuple[str, ...]) -> str:
    if len(environments) > _MOST_NAMED:
        return f"{len(environments)} environments"
    return ", ".join(environments)


def _span(ms: int) -> str:
    """Return a span of time in the unit that suits it."""
    seconds = ms / 1000
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _client(where: Where) -> ApiClient:
    return ApiClient(target_of(where or OriginAddress()))


def _read(body: bytes, type: type[T]) -> T:
    try:
        return decode(body, type)
    except BadInput as error:
        raise CommandFailed(f"The origin gave nothing that can be read: {error}") from None
