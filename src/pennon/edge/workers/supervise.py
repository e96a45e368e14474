"""The process above the workers: it binds the port, starts them, and heeds signals."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence

from pennon.connector.app import ready_line
from pennon.edge.settings import EdgeSettings
from pennon.edge.workers.child import Child
from pennon.edge.workers.supervisor import Supervisor
from pennon.model.ready import NodeReady
from pennon.web import logs, server


def run(
    settings: EdgeSettings, announce: Callable[[NodeReady], None], command: Sequence[str]
) -> None:
    """Serve until told to stop; *command* starts a worker. SIGHUP replaces the workers by new."""
    logs.set_up()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it can be heeded
    server.run(lambda: serve(settings, announce, command))


async def serve(
    settings: EdgeSettings, announce: Callable[[NodeReady], None], command: Sequence[str]
) -> None:
    """Serve on the running loop; see `run`. Raises BadInput, CannotStart."""
    with server.stop_signal() as stopped:
        doors = server.bind_doors(settings.host, settings.port, settings.workers)
        url = server.url_of(doors[0])
        supervisor = Supervisor(
            doors,
            lambda index, moved: Child.start(command, index, doors, moved),
            drain_seconds=settings.drain_seconds,
            announce=lambda environments: announce(ready_line(settings, url, environments)),
        )
        reload = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload.set)
        await supervisor.run(stopped, reload)
