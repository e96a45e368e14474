"""A thread with an event loop of its own, for work that goes on beside the application."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """
    Runs *work* in a daemon thread, from its start until it is stopped.

    A process that is forked off has no thread: it makes a new one of these.
    """

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._work = work
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._began = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pennon", daemon=True)

    @property
    def is_running(self) -> bool:
        """Whether the thread lives."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin; the thread is on its way when this returns."""
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Have *work* done on the loop. Raises RuntimeError where there is none any more."""
        self._began.wait()
        loop = self._loop
        if loop is None or loop.is_closed():
            work.close()
            raise RuntimeError("The client is closed.")
        return asyncio.run_coroutine_threadsafe(work, loop)

    def stop(self, timeout: float) -> None:
        """End the work and wait for that, for at most *timeout* seconds."""
        if not self._thread.is_alive():
            return
        self._began.wait(timeout)
        loop, task = self._loop, self._task
        if loop is not None and task is not None and not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._work())
        self._began.set()
        with suppress(asyncio.CancelledError):
            await self._task
