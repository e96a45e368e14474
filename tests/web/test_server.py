"""The ports that a node listens on."""

from __future__ import annotations

import socket
from contextlib import ExitStack, closing

import pytest

from pennon.errors import BadInput
from pennon.web import server


class TestDoors:
    def test_all_are_of_one_port(self) -> None:
        """Whoever listens at any of them is reached at the same address."""
        with ExitStack() as stack:
            doors = server.bind_doors("127.0.0.1", 0, 3)
            for door in doors:
                stack.enter_context(closing(door)).listen()

            assert len({door.getsockname() for door in doors}) == 1

    def test_a_port_in_use_is_not_shared(self) -> None:
        """Not even one whose owner would share it: it belongs to another node."""
        with closing(socket.socket()) as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]

            with pytest.raises(BadInput, match=f"cannot listen on 127.0.0.1:{port}: Address"):
                server.bind_doors("127.0.0.1", port, 2)
