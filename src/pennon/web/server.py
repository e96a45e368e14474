"""Runs an ASGI application under uvicorn until it is told to stop, streams included."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator

import uvicorn
from starlette.types import ASGIApp

from pennon.errors import BadInput

DRAIN_SECONDS = 10
"""How long open requests and streams are given to end."""


class _Server(uvicorn.Server):
    """A server that tells its streams to end before it waits for them."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], None]) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """
        Stop on SIGTERM and SIGINT, and leave it at that.

        uvicorn would raise the signal again once it has stopped, which ends the process before
        the node has written what it must keep.
        """
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to *host* and *port*. Raises BadInput when it cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput.at("--port", f"cannot listen on {host}:{port}: {reason}") from None
    return bound


def url_of(bound: socket.socket) -> str:
    """Return the address under which a bound socket is reached from this machine."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{host}:{port}"


async def serve(
    app: ASGIApp,
    bound: socket.socket,
    *,
    drain: Callable[[], None],
    ready: Callable[[], Awaitable[None]],
) -> None:
    """
    Serve *app* on *bound* until SIGTERM or SIGINT; call *ready* once it answers.

    *drain* is called first when it stops: it ends what would never end by itself.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = _Server(config, drain)
    announcing = asyncio.create_task(_announce(server, ready), name="announce")
    try:
        await server.serve(sockets=[bound])
    finally:
        announcing.cancel()
        await asyncio.gather(announcing, return_exceptions=True)


async def _announce(server: uvicorn.Server, ready: Callable[[], Awaitable[None]]) -> None:
    while not server.started:
        if server.should_exit:
            return
        await asyncio.sleep(0.005)
    await ready()


def run(main: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run *main* on a fast event loop; Ctrl-C before it serves ends it without a traceback."""
    factory = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.new_event_loop
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main())
