"""Work that goes on for as long as a node does: a fault of ours must not end it in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

log = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 1.0


def keep_running(
    work: Callable[[], Awaitable[None]], name: str, *, pause: float = _PAUSE_SECONDS
) -> asyncio.Task[None]:
    """
    Return the task that does *work*, and begins it again, after a pause, when it fails.

    It ends when the work does, or when it is cancelled, for which its owner is there.
    """
    return asyncio.create_task(_keep(work, name, pause), name=name)


async def _keep(work: Callable[[], Awaitable[None]], name: str, pause: float) -> None:
    while True:
        try:
            return await work()
        except Exception:
            log.exception("task_failed", extra={"task": name})
        await asyncio.sleep(pause)
