"""
How a node stops listening without turning anybody away who has got in.

Closing a listening socket resets the connections that wait in its queue: their clients believe
themselves connected, and have sent their requests. So newcomers are held off first, then what
waits is taken, and only then is the socket closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import socket
import struct
import sys
from collections.abc import Iterable
from typing import Final

ARRIVING_SECONDS: Final = 0.2
"""How long a handshake that was begun may take: a way around the earth."""

_SO_ATTACH_FILTER: Final = 26  # Linux's number; Python has no name for it
_INSTRUCTIONS: Final = (
    # code, jump if true, jump if false, operand: a program of the classic packet filter
    (0x30, 0, 0, 13),  # take the TCP header's flags
    (0x54, 0, 0, 0x12),  # of these SYN and ACK
    (0x15, 0, 1, 0x02),  # is it SYN alone?
    (0x06, 0, 0, 0),  # then the packet is dropped
    (0x06, 0, 0, 0xFFFFFFFF),  # and any other is taken
)


async def hold_off(listeners: Iterable[socket.socket]) -> None:
    """
    Have no more connections come to *listeners*, and return once all that were begun are here.

    They are still to be accepted meanwhile. Who comes now hears nothing, tries again after a
    second, and by then is refused or finds another process there. Where the system knows no such
    filter, connections of the last moment are lost as they would be without this.
    """
    for listener in listeners:
        with contextlib.suppress(OSError):
            _drop_first_packets(listener)
    await asyncio.sleep(ARRIVING_SECONDS)


def _drop_first_packets(listener: socket.socket) -> None:
    if sys.platform != "linux":
        return
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in _INSTRUCTIONS))
    program = struct.pack("HP", len(_INSTRUCTIONS), ctypes.addressof(code))
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
