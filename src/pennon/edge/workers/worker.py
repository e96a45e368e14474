"""One worker: a whole edge, which accepts where its supervisor says, once it is ready."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from dataclasses import replace
from functools import partial

from pennon.connector.app import opened, until_ready
from pennon.connector.node import ConnectorNode
from pennon.edge.app import EVENTS_FOLDER, evaluations, holding_of
from pennon.edge.settings import EdgeSettings
from pennon.edge.workers.channel import to_supervisor
from pennon.edge.workers.entrance import Entrance
from pennon.edge.workers.line import Line
from pennon.edge.workers.metrics import SharedMetrics
from pennon.edge.workers.places import place_of
from pennon.edge.workers.seat import Seat
from pennon.web import logs, server
from pennon.web.data_plane import Routed
from pennon.web.leaving import hold_off

log = logging.getLogger(__name__)


def run(settings: EdgeSettings, seat: Seat) -> None:
    """Serve until the supervisor says that it is enough, or is gone."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal that is closed tells the supervisor
    logs.set_up(worker=seat.name)
    server.run(lambda: serve(settings, seat))


async def serve(settings: EdgeSettings, seat: Seat) -> None:
    """Serve on the running loop; see `run`."""
    with server.stop_signal() as stopped:
        line = Line(await to_supervisor(socket.socket(fileno=seat.control)))
        doors = [socket.socket(fileno=number) for number in seat.doors]
        own = replace(settings, node=f"{settings.node}.{seat.name}")
        place = place_of(settings.data / EVENTS_FOLDER, seat)
        metrics: list[SharedMetrics] = []

        def more(node: ConnectorNode) -> tuple[Routed, ...]:
            parts = evaluations(own, node, place)
            metrics.append(SharedMetrics(node.metrics, seat, line.gather))
            return (*parts, *metrics)

        async with opened(
            own, role="edge", more=more, holding=holding_of(own), shares_folder=True
        ) as (node, bare):
            entrance = Entrance(bare, doors)
            listening = asyncio.create_task(line.run(entrance, metrics[0].families), name="line")
            listening.add_done_callback(partial(_leave, stopped))
            async with bare.running():
                await server.until(stopped, partial(_tell_when_ready, node, line))
                bare.draining = True
                line.leaving()
                if listening.done():
                    await hold_off(doors)
                entrance.close()
                for door in doors:
                    door.close()
            node.fanout.drain()
            await bare.drain(settings.drain_seconds)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def _leave(stopped: asyncio.Event, listening: asyncio.Task[None]) -> None:
    """Stop once nobody is above any more, or can be heard."""
    if not listening.cancelled() and (fault := listening.exception()) is not None:
        log.error("supervisor_not_heard", exc_info=fault)
    stopped.set()


async def _tell_when_ready(node: ConnectorNode, line: Line) -> None:
    await until_ready(node)
    line.ready(node.environments)
