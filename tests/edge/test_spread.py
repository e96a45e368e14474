"""Who goes at once, and that nobody is left behind."""

from __future__ import annotations

import asyncio

from pennon.edge.spread import AT_ONCE, Spread
from tests.builders.web import PATIENCE


class Going:
    """Notes who went. At its *rate* nobody else earns a turn, however slow the machine is."""

    def __init__(self, seconds: float = 0.05, rate: float = 0.001) -> None:
        self.gone: list[int] = []
        self.takes_along: dict[int, int] = {}
        self._one_more = asyncio.Event()
        self.spread = Spread[int](self._go, rate=rate, seconds=seconds)

    def _go(self, member: int) -> None:
        if member < 0:
            raise ValueError(member)
        self.gone.append(member)
        self._one_more.set()
        self.spread.remove(self.takes_along.pop(member, member))

    async def until(self, count: int) -> list[int]:
        """Return who went, once they are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.gone) < count:
                self._one_more.clear()
                await self._one_more.wait()
        return self.gone


class TestSpread:
    async def test_first_at_once(self) -> None:
        """The first go without a wait, and the others after them."""
        going = Going()
        for member in range(AT_ONCE + 50):
            going.spread.add(member)
        at_once = len(going.gone)

        assert at_once == AT_ONCE
        assert await going.until(AT_ONCE + 50) == list(range(AT_ONCE + 50))

    async def test_nobody_overtakes(self) -> None:
        """While some wait nobody goes before them, and each goes once."""
        going = Going()
        for member in [*range(AT_ONCE + 5), AT_ONCE, AT_ONCE + 5]:
            going.spread.add(member)

        assert await going.until(AT_ONCE + 6) == list(range(AT_ONCE + 6))

    async def test_removed(self) -> None:
        """Whoever left does not go."""
        going = Going()
        for member in range(AT_ONCE + 2):
            going.spread.add(member)
        going.spread.remove(AT_ONCE)

        assert await going.until(AT_ONCE + 1) == [*range(AT_ONCE), AT_ONCE + 1]

    async def test_removed_by_another(self) -> None:
        """Whoever leaves because another goes, in the same moment, does not go."""
        going = Going(seconds=0.01)
        going.takes_along = {AT_ONCE: AT_ONCE + 1}
        for member in range(AT_ONCE + 3):
            going.spread.add(member)

        assert await going.until(AT_ONCE + 2) == [*range(AT_ONCE + 1), AT_ONCE + 2]

    async def test_as_fast_as_the_rate(self) -> None:
        """Who comes no faster than the rate goes without a wait."""
        going = Going(rate=1e12)
        for member in range(AT_ONCE + 50):
            going.spread.add(member)

        assert len(going.gone) == AT_ONCE + 50

    async def test_faster_where_many(self) -> None:
        """However slow the rate, a crowd is through in the time that it is given."""
        going = Going(seconds=0.02)
        for member in range(AT_ONCE + 1000):
            going.spread.add(member)

        assert len(await going.until(AT_ONCE + 1000)) == AT_ONCE + 1000

    async def test_one_that_fails(self) -> None:
        """One that fails keeps nobody else from going."""
        going = Going()
        for member in [*range(AT_ONCE), -1, 7777]:
            going.spread.add(member)

        assert (await going.until(AT_ONCE + 1))[-1] == 7777

    async def test_not_spread(self) -> None:
        """Where nothing is to be spread, all go at once."""
        going = Going(seconds=0)
        for member in range(AT_ONCE + 9):
            going.spread.add(member)

        assert len(going.gone) == AT_ONCE + 9
