"""Many on one timer: each in its turn, spread over the period."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from pennon.web.wheel import Wheel


class Member:
    """Nothing but itself."""


def turned(wheel: Wheel[Member], visits: Counter[Member], times: int) -> list[int]:
    """Turn *wheel* so many times and return how many were visited at each."""
    counts = []
    for _ in range(times):
        before = visits.total()
        wheel.turn()
        counts.append(visits.total() - before)
    return counts


class TestWheel:
    async def test_each_once_a_period(self) -> None:
        """In one period each member is visited once, and they are spread over it."""
        visits: Counter[Member] = Counter()
        wheel = Wheel[Member](3600.0, lambda member: visits.update([member]))
        members = [Member() for _ in range(6100)]
        for member in members:
            wheel.add(member)
        counts = turned(wheel, visits, 61)

        assert set(visits.values()) == {1}
        assert len(visits) == len(members)
        assert max(counts) < 300

    async def test_removed(self) -> None:
        """Whoever was removed is visited no more, also from within a visit."""
        visits: Counter[Member] = Counter()

        def visit(member: Member) -> None:
            visits[member] += 1
            wheel.remove(member)

        wheel = Wheel[Member](3600.0, visit)
        for _ in range(100):
            wheel.add(Member())
        turned(wheel, visits, 2 * 61)

        assert visits.total() == 100

    async def test_one_fails(self, caplog: pytest.LogCaptureFixture) -> None:
        """A member whose visit fails does not keep the others from theirs."""
        visits: Counter[Member] = Counter()
        wheel = Wheel[Member](3600.0, lambda member: visit(member))
        members = [Member() for _ in range(300)]

        def visit(member: Member) -> None:
            visits[member] += 1
            if member in members[::3]:
                raise RuntimeError("a bug")

        for member in members:
            wheel.add(member)
        turned(wheel, visits, 61)

        assert visits.total() == 300
        assert len(caplog.records) == 100

    async def test_by_itself(self) -> None:
        """It turns by itself for as long as it has members."""
        visited = asyncio.Event()
        wheel = Wheel[Member](0.01, lambda member: visited.set())
        member = Member()
        wheel.add(member)
        async with asyncio.timeout(10):
            await visited.wait()
        wheel.remove(member)
        wheel.add(member)
        visited.clear()
        async with asyncio.timeout(10):
            await visited.wait()
        wheel.remove(member)

        assert visited.is_set()
