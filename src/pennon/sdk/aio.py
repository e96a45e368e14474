"""The client of an application on asyncio."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from pennon.sdk.core import Core


class AsyncClient(Core):
    """
    `Client` for asyncio: what waits is awaited, and evaluations, which never wait, are not.

    It follows in a thread of its own too, so that a loop that is busy keeps it from nothing.

    >>> async def greet() -> bool:
    ...     async with AsyncClient(offline=True) as client:
    ...         return client.boolean("new-checkout", {"targetingKey": "ada"}, default=True)
    >>> asyncio.run(greet())
    True
    """

    async def ready(self, timeout: float | None = 10.0) -> bool:
        """Wait until something is loaded, at most *timeout* seconds; return whether it is."""
        loaded = asyncio.shield(asyncio.wrap_future(self._first))
        try:
            await asyncio.wait_for(loaded, timeout)
        except TimeoutError:
            return False
        return True

    async def flush(self, timeout: float = 5.0) -> None:
        """Tell the edge now what was served and tracked, and wait for that."""
        await asyncio.to_thread(self._flush, timeout)

    async def close(self, timeout: float = 5.0) -> None:
        """Follow no more; what was loaded goes on being served."""
        await asyncio.to_thread(self._end, timeout)

    async def __aenter__(self) -> Self:
        """Wait until something is loaded, for as long as `ready` does."""
        if self._options is not None:
            await self.ready()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
