"""Who is visited, when, and who has a turn between."""

from __future__ import annotations

import asyncio

from pennon.web.rounds import PORTION, Rounds


class Visits:
    """Notes who is visited."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.rounds = Rounds[int](self._visit)
        self._enough = asyncio.Event()
        self._wanted = 0

    def _visit(self, member: int) -> None:
        self.seen.append(member)
        if len(self.seen) >= self._wanted:
            self._enough.set()

    async def until(self, count: int) -> list[int]:
        """Return who was visited, once they are so many."""
        self._wanted = count
        async with asyncio.timeout(10):
            while len(self.seen) < count:
                self._enough.clear()
                await self._enough.wait()
        return self.seen


class TestRounds:
    async def test_once(self) -> None:
        """Whoever is added several times before a round is visited once, in order."""
        visits = Visits()
        visits.rounds.add([3, 1])
        visits.rounds.add([1, 2])

        assert await visits.until(3) == [3, 1, 2]

    async def test_again(self) -> None:
        """Whoever is added while a round goes on is visited in the next."""
        visits = Visits()
        everyone = range(3 * PORTION)
        visits.rounds.add(everyone)
        await visits.until(1)
        visits.rounds.add([0, 1])
        visits.rounds.add([1])

        assert await visits.until(3 * PORTION + 2) == [*everyone, 0, 1]

    async def test_others_have_their_turn(self) -> None:
        """A round of many lets the rest of the process work between its portions."""
        visits = Visits()
        visits.rounds.add(range(4 * PORTION))
        seen = set()
        while len(visits.seen) < 4 * PORTION:
            await asyncio.sleep(0)
            seen.add(len(visits.seen))

        assert {PORTION, 2 * PORTION, 3 * PORTION} <= seen

    async def test_heavy_visits(self) -> None:
        """Where visits take long a portion is cut short, and goes on afterwards."""
        seen: list[int] = []
        rounds = Rounds[int](seen.append, seconds=0.0)
        rounds.add([1, 2, 3])
        counts = []
        while len(seen) < 3:
            await asyncio.sleep(0)
            counts.append(len(seen))

        assert counts == [1, 2, 3]

    async def test_urgent(self) -> None:
        """What is urgent does not wait for the rest after a round to be over."""
        visits = Visits()
        visits.rounds.add(range(PORTION))
        await visits.until(PORTION)
        visits.rounds.add([-1])
        visits.rounds.add([-2], urgent=True)
        for _ in range(4):
            await asyncio.sleep(0)

        assert visits.seen[PORTION:] == [-1, -2]

    async def test_nobody(self) -> None:
        """Of nobody there is no round, and the next one comes all the same."""
        visits = Visits()
        visits.rounds.add([])
        visits.rounds.add([1])

        assert await visits.until(1) == [1]

    async def test_one_that_fails(self) -> None:
        """One visit that fails keeps nobody else from being visited."""
        seen: list[int] = []

        def visit(member: int) -> None:
            seen.append(1 // member)

        rounds = Rounds[int](visit)
        rounds.add([0, 1])
        rounds.add([1])
        for _ in range(4):
            await asyncio.sleep(0)

        assert seen == [1]
