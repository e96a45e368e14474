"""How connections fall on two processes of one port, and which are lost when one of them closes."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, NamedTuple

import uvloop

from pennon.web import server
from pennon.web.bare import BareServer
from pennon.web.handler import Request, Response

CONNECTIONS: Final = 32
_ASKING: Final = 4
_REQUEST: Final = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
_BACKLOG: Final = 128
_OPEN_SECONDS: Final = 0.05


def balance(shared: bool) -> list[int]:
    """Return how many connections, opened at once and then in use, each of two processes has."""
    doors = server.bind_doors("127.0.0.1", 0, 1 if shared else 2)
    for door in doors:
        door.listen(_BACKLOG)
    counts = [multiprocessing.Value("i", 0) for _ in range(2)]
    processes = [
        multiprocessing.get_context("fork").Process(
            target=_serve, args=(doors[number % len(doors)], counts[number])
        )
        for number in range(2)
    ]
    for process in processes:
        process.start()
    time.sleep(0.5)  # for both to wait for connections
    address = doors[0].getsockname()
    for door in doors:
        door.close()
    clients = [socket.create_connection(address) for _ in range(CONNECTIONS)]
    for client in clients:
        client.sendall(_REQUEST)
        client.recv(1024)
    for client in clients:
        client.close()
    for process in processes:
        process.terminate()
        process.join()
    return [count.value for count in counts]


def _serve(door: socket.socket, count: multiprocessing.sharedctypes.Synchronized[int]) -> None:
    def answer(request: Request) -> Response:
        count.value += 1  # one request a connection
        return Response(body=b"ok")

    async def main() -> None:
        async with BareServer(answer).listening(door):
            await asyncio.Future()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


class Lost(NamedTuple):
    """Requests on connections of their own, and those that were sent in vain."""

    asked: int
    lost: int


def closings(held: bool, seconds: float) -> Lost:
    """
    Close one of two doors and open it again, all the time, with clients that come and go.

    A door that is *held* stays open elsewhere, and whoever waits there is answered afterwards.
    """
    doors = server.bind_doors("127.0.0.1", 0, 2)
    address = doors[0].getsockname()
    asked_enough, over = threading.Event(), threading.Event()
    staying = threading.Thread(target=_accept, args=(doors[0], over.is_set))
    doors[0].listen(_BACKLOG)
    staying.start()
    coming = threading.Thread(target=_come_and_go, args=(doors[1], address, held, over.is_set))
    coming.start()
    counts: list[list[int]] = [[0, 0] for _ in range(_ASKING)]
    asking = [threading.Thread(target=_ask, args=(address, asked_enough.is_set, c)) for c in counts]
    for thread in asking:
        thread.start()
    time.sleep(seconds)
    asked_enough.set()
    for thread in asking:
        thread.join()
    over.set()
    staying.join()
    coming.join()
    return Lost(sum(count[0] for count in counts), sum(count[1] for count in counts))


def _come_and_go(
    door: socket.socket, address: tuple[str, int], held: bool, is_over: Callable[[], bool]
) -> None:
    while not is_over():
        mine = door.dup() if held else door
        mine.listen(_BACKLOG)
        _accept(mine, partial(_is_past, time.monotonic() + _OPEN_SECONDS))
        mine.close()
        if not held:
            door = server.bind(*address, beside=True)
    door.close()


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def _accept(door: socket.socket, is_over: Callable[[], bool]) -> None:
    door.settimeout(0.01)
    while not is_over():
        with suppress(TimeoutError, OSError):
            client, _ = door.accept()
            client.settimeout(1)
            client.recv(1024)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            client.close()


def _ask(address: tuple[str, int], is_over: Callable[[], bool], count: list[int]) -> None:
    while not is_over():
        count[0] += 1
        try:
            with socket.create_connection(address, timeout=5) as client:
                client.sendall(_REQUEST)
                if not client.recv(1024):
                    count[1] += 1
        except OSError:
            count[1] += 1
