"""Clients that hold what they have: silent, half way through a head or a body, or never reading."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from tests.fuzz.wire.case import Case
from tests.fuzz.wire.client import send
from tests.fuzz.wire.requests import Sent

_ASKED: Final = 50
_AT_ONCE: Final = 100
"""Bulk answers asked for by a client that reads none of them."""


async def crowded(port: int, good: Sent, count: int) -> list[str]:
    """Return what a good request lacked while *count* clients of each kind held connections."""
    data = good.encode()
    kinds = (b"", data[: len(data) // 3], data[:-1], data * _AT_ONCE)
    held = await asyncio.gather(*(_hold(port, kind) for kind in kinds for _ in range(count)))
    wrong = []
    try:
        for number in range(_ASKED):
            heard = await send(port, Case("good", (data,), end="reads"))
            if heard.final is None or heard.final[0] != 200:
                wrong.append(f"crowd, request {number}: {heard.data[:200]!r}")
    finally:
        for writer in held:
            if writer is not None:
                writer.transport.abort()
    return wrong


async def _hold(port: int, data: bytes) -> asyncio.StreamWriter | None:
    """Return a connection over which *data* was sent, and from which nothing is read."""
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(data)
        return writer
    return None
