"""Runs a connector, or a node that is one and does more."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager

import httpx2

from pennon.connector.node import ConnectorNode
from pennon.connector.settings import ConnectorSettings
from pennon.model.messages import Role
from pennon.model.ready import NodeReady
from pennon.relay.working_set import Holding
from pennon.web import logs, server
from pennon.web.bare import BareServer
from pennon.web.bare.metrics import ConnectionMetrics
from pennon.web.data_plane import DataPlane, Routed
from pennon.web.l3 import open_l3
from pennon.web.process import calm_collector

More = Callable[[ConnectorNode], tuple[Routed, ...]]
"""What a node serves beside what every connector does."""


def run(
    settings: ConnectorSettings,
    announce: Callable[[NodeReady], None],
    *,
    role: Role = "connector",
    more: More = lambda node: (),
    holding: Holding | None = None,
) -> None:
    """
    Serve until told to stop; *announce* is called once every environment is loaded.

    That is all that the key grants, or what fits into *holding*.
    """
    logs.set_up()
    server.run(lambda: serve(settings, announce, role=role, more=more, holding=holding))


async def serve(
    settings: ConnectorSettings,
    announce: Callable[[NodeReady], None],
    *,
    role: Role = "connector",
    more: More = lambda node: (),
    holding: Holding | None = None,
) -> None:
    """Serve on the running loop; see `run`."""
    with server.stop_signal() as stopped:
        bound = server.bind(settings.host, settings.port)
        async with opened(settings, role=role, more=more, holding=holding) as (node, bare):

            async def ready() -> None:
                await until_ready(node)
                announce(ready_line(settings, server.url_of(bound), node.environments))

            await server.serve_bare(
                bare,
                bound,
                stopped=stopped,
                drain=node.fanout.drain,
                ready=ready,
                drain_seconds=settings.drain_seconds,
            )


@asynccontextmanager
async def opened(
    settings: ConnectorSettings,
    *,
    role: Role,
    more: More,
    holding: Holding | None = None,
    shares_folder: bool = False,
) -> AsyncGenerator[tuple[ConnectorNode, BareServer]]:
    """Run a node for the length of a block, and give it with the server that is to answer."""
    async with httpx2.AsyncClient() as client, open_l3(settings, settings.l3) as l3:
        node = ConnectorNode(settings, client, role, l3, holding, shares_folder=shares_folder)
        plane = DataPlane(*node.parts, *more(node))
        bare = BareServer(
            plane.answer, settings.limits, refuse=plane.refusal, proxies=settings.proxies
        )
        node.metrics.add(ConnectionMetrics(bare))
        async with node.running():
            yield node, bare


async def until_ready(node: ConnectorNode) -> None:
    """Return once *node* can be asked."""
    await node.follower.until_ready()
    node.prepare()
    calm_collector()


def ready_line(settings: ConnectorSettings, url: str, environments: Iterable[str]) -> NodeReady:
    """Return what a node says once it is ready."""
    return NodeReady(
        url=url, node=settings.node, pop=settings.pop, environments=tuple(environments)
    )
