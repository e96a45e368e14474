"""Whether a client has sent something that the event loop has not read yet."""

from __future__ import annotations

import asyncio
import select


def has_arrived(transport: asyncio.BaseTransport) -> bool:
    """
    Return whether there is something to read: a request, or that the client has left.

    To close a connection with something unread is to reset it, and the client would lose an
    answer that it has every right to.
    """
    if not hasattr(select, "poll"):
        return False
    waiting = select.poll()
    waiting.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
    return bool(waiting.poll(0))
