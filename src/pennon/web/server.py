"""Runs an ASGI application under uvicorn until it is told to stop, streams included."""

from __future__ import annotations

import asyncio
import contextlib
import math
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from types import FrameType
from typing import Final, NoReturn

import uvicorn
from starlette.types import ASGIApp

from pennon.errors import BadInput
from pennon.web.bare import BareServer
from pennon.web.client_address import LOOPBACK
from pennon.web.leaving import hold_off
from pennon.web.process import open_more_files

Ready = Callable[[], Coroutine[None, None, None]]

SEND_BUFFER_BYTES: Final = 256 * 1024
"""What the system keeps of what one client has not acknowledged."""
_TCP_OPTIONS: Final = {
    "TCP_USER_TIMEOUT": 30_000,  # milliseconds without an acknowledgement
    "TCP_KEEPIDLE": 30,
    "TCP_KEEPINTVL": 10,
    "TCP_KEEPCNT": 3,
}


class _Server(uvicorn.Server):
    """A server that tells its streams to end before it waits for them."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], None]) -> None:
        super().__init__(config)
        self._drain = drain
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `stop_signal`: uvicorn would raise them again, and end the process."""
        yield


@contextlib.contextmanager
def stop_signal() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set; nothing else comes of them in the block."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        yield stopped
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def bind(host: str, port: int, *, beside: bool = False) -> socket.socket:
    """
    Return a socket bound to *host* and *port*. Raises BadInput when it cannot be had.

    One that is *beside* others of `bind_doors` shares their port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if beside:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    _tune(bound)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        reason = error.strerror or str(error)
        raise BadInput.at("--port", f"cannot listen on {host}:{port}: {reason}") from None
    return bound


def bind_doors(host: str, port: int, count: int) -> list[socket.socket]:
    """
    Return *count* sockets bound to one port, among which the system deals out connections.

    The first is bound alone, so that the port of another process is not shared by mistake.
    """
    doors = [bind(host, port)]
    doors[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    taken = doors[0].getsockname()[1]
    doors.extend(bind(host, taken, beside=True) for _ in range(count - 1))
    return doors


def _tune(listener: socket.socket) -> None:
    """
    Set what every socket inherits that is accepted here.

    A follower that takes nothing holds what the system keeps for it, and by default that grows
    to megabytes; one whose machine is gone is noticed within half a minute.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _TCP_OPTIONS.items():
        option = getattr(socket, name, None)  # not every system has them all
        if option is not None:
            listener.setsockopt(socket.IPPROTO_TCP, option, value)


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
    ready: Ready,
    drain_seconds: float,
    proxies: Sequence[str] = LOOPBACK,
) -> None:
    """
    Serve *app* on *bound* until SIGTERM or SIGINT; call *ready* once it answers.

    *drain* is called first when it stops: it ends what would never end by itself. What is under
    way then has *drain_seconds*. What *proxies* say of the client (``X-Forwarded-For``,
    ``X-Forwarded-Proto``) is believed.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=math.ceil(drain_seconds),
    )
    server = _Server(config, drain)
    with stop_signal() as stopped:
        serving = asyncio.create_task(server.serve(sockets=[bound]), name="uvicorn")
        await server.answers.wait()
        await until(stopped, ready)
        server.should_exit = True
        await serving


async def serve_bare(
    bare: BareServer,
    bound: socket.socket,
    *,
    stopped: asyncio.Event,
    drain: Callable[[], None],
    ready: Ready,
    drain_seconds: float,
) -> None:
    """Serve the data plane alone until *stopped*; otherwise as `serve`."""
    async with bare.listening(bound):
        await until(stopped, ready)
        await hold_off([bound])
    drain()
    await bare.drain(drain_seconds)


async def until(stopped: asyncio.Event, ready: Ready) -> None:
    """Wait for *stopped*; *ready* runs meanwhile, and what it raises is raised here."""
    async with asyncio.TaskGroup() as tasks:
        announcing = tasks.create_task(ready(), name="announce")
        await stopped.wait()
        announcing.cancel()


def run(main: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run *main* on a fast event loop; a signal before it serves ends it without a traceback."""
    signal.signal(signal.SIGTERM, _leave)
    open_more_files()
    factory = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.new_event_loop
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main())


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """End a process that serves nobody yet; the first of a container would ignore the signal."""
    sys.exit(0)
