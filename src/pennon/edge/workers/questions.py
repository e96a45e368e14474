"""Questions over a line: each has a number, by which its answer finds who asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")


class Questions(Generic[T]):
    """Those that are under way."""

    def __init__(self) -> None:
        self._numbers = count()
        self._asked: dict[int, asyncio.Future[T]] = {}

    async def ask(self, send: Callable[[int], None], seconds: float) -> T | None:
        """Have a question sent with its number; return None when nobody answers in time."""
        number = next(self._numbers)
        asked: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked[number] = asked
        send(number)
        try:
            async with asyncio.timeout(seconds):
                return await asked
        except TimeoutError:
            return None
        finally:
            del self._asked[number]

    def answer(self, number: int, answer: T) -> None:
        """Give *answer* to who asked, unless they wait no more."""
        asked = self._asked.get(number)
        if asked is not None and not asked.done():
            asked.set_result(answer)
