"""Ceasing to listen: who has got in is not turned away, and nobody else gets in."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from pennon.web import server
from pennon.web.leaving import hold_off


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket that listens on loopback, and from which nobody accepts."""
    with closing(server.bind("127.0.0.1", 0)) as bound:
        bound.listen(8)
        bound.setblocking(False)
        yield bound


def accept(listener: socket.socket) -> int:
    """Accept all that waits, and return how many that were."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            count += 1
    return count


class TestHoldingOff:
    async def test_who_waits_can_be_accepted(self, listener: socket.socket) -> None:
        """A connection in the queue stays there."""
        with closing(socket.create_connection(listener.getsockname())):
            await hold_off([listener])

            assert accept(listener) == 1

    @pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")
    async def test_nobody_comes_after_them(self, listener: socket.socket) -> None:
        """A newcomer hears nothing while the queue is emptied, and then that nobody listens."""
        await hold_off([listener])
        loop = asyncio.get_running_loop()
        with closing(socket.socket()) as newcomer:
            newcomer.setblocking(False)
            connecting = asyncio.create_task(loop.sock_connect(newcomer, listener.getsockname()))
            await asyncio.wait([connecting], timeout=0.05)

            assert not connecting.done()
            assert accept(listener) == 0
            listener.close()
            with pytest.raises(ConnectionRefusedError):
                await connecting
