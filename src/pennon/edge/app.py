"""An edge node: a connector that also evaluates."""

from __future__ import annotations

from collections.abc import Callable

from pennon.connector import app
from pennon.connector.node import ConnectorNode
from pennon.edge.ofrep import OfrepEndpoints
from pennon.edge.rulesets import Rulesets
from pennon.edge.scope import Scopes
from pennon.edge.settings import EdgeSettings
from pennon.model.ready import NodeReady
from pennon.web.data_plane import Routed


def run(settings: EdgeSettings, announce: Callable[[NodeReady], None]) -> None:
    """Serve until told to stop; *announce* is called once every environment is loaded."""
    app.run(settings, announce, role="edge", more=evaluations)


def evaluations(node: ConnectorNode) -> tuple[Routed, ...]:
    """Return what an edge serves that a connector does not: answers from compiled rulesets."""
    rulesets = Rulesets(node.follower.replicas)
    return (OfrepEndpoints(Scopes(node.follower, node.keys, rulesets)),)
