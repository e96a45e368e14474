"""Whose seat is looked at, and who gets one."""

from __future__ import annotations

import asyncio

import pytest

from pennon.errors import NotReady
from pennon.model.position import ACCESS
from pennon.relay.replicas import Replicas
from pennon.web.fanout import Fanout
from tests.builders.relay import SHOP, a_change, a_snapshot

STAGING = "shop/staging"


class Seat:
    """Counts how often it was looked at."""

    def __init__(self, fanout: Fanout, *environments: str) -> None:
        self._fanout, self._environments = fanout, environments
        self.looks = 0
        fanout.take(self, environments)

    def look(self) -> None:
        self.looks += 1

    def leave(self) -> None:
        self._fanout.give_back(self, self._environments)


def a_fanout(most_seats: int = 10) -> tuple[Fanout, Replicas]:
    replicas = Replicas()
    fanout = Fanout(replicas, most_seats=most_seats, random=lambda: 0.5)
    for name in (SHOP, STAGING, ACCESS):
        replicas.open(name).replace(a_snapshot(1, environment=name))
    return fanout, replicas


async def settle() -> None:
    """Let what is due come to pass."""
    for _ in range(3):
        await asyncio.sleep(0)


class TestLooking:
    @pytest.mark.parametrize(("moved", "looks"), [(SHOP, 1), (STAGING, 0), (ACCESS, 1)])
    async def test_who(self, moved: str, looks: int) -> None:
        """A seat is looked at for its own environments, and for any change of who may what."""
        fanout, replicas = a_fanout()
        seat = Seat(fanout, SHOP)
        replicas.open(moved).apply(a_change(2, environment=moved))
        await settle()

        assert seat.looks == looks

    async def test_all(self) -> None:
        """Every follower of an environment is looked at; one that left is not."""
        fanout, replicas = a_fanout()
        seats = [Seat(fanout, SHOP), Seat(fanout, SHOP, STAGING), Seat(fanout, SHOP)]
        seats[2].leave()
        replicas.open(SHOP).apply(a_change(2))
        await settle()

        assert [seat.looks for seat in seats] == [1, 1, 0]

    async def test_once(self) -> None:
        """What happens in one go is one look, however much it is."""
        fanout, replicas = a_fanout()
        seat = Seat(fanout, SHOP, STAGING)
        for version in range(2, 50):
            replicas.open(SHOP).apply(a_change(version))
            replicas.open(STAGING).apply(a_change(version, environment=STAGING))
        await settle()

        assert seat.looks == 1

    async def test_drain(self) -> None:
        """A drain has all looked at."""
        fanout, _ = a_fanout()
        seats = [Seat(fanout, SHOP), Seat(fanout, STAGING)]
        fanout.drain()
        await settle()

        assert [seat.looks for seat in seats] == [1, 1]


class TestSeats:
    def test_counted(self) -> None:
        """Seats are counted, and given back."""
        fanout, _ = a_fanout()
        seats = [Seat(fanout, SHOP), Seat(fanout, SHOP, STAGING)]
        taken = fanout.taken
        for seat in seats:
            seat.leave()

        assert (taken, fanout.taken) == (2, 0)

    def test_full(self) -> None:
        """Where all are taken there is none to be had, until one is given back."""
        fanout, _ = a_fanout(most_seats=1)
        seat = Seat(fanout, SHOP)
        with pytest.raises(NotReady):
            fanout.require_seat()
        seat.leave()

        fanout.require_seat()

    def test_when_to_come_back(self) -> None:
        """Those without a seat come back spread over a while, not all at one moment."""
        fanout, _ = a_fanout(most_seats=0)

        with pytest.raises(NotReady) as refused:
            fanout.require_seat()
        assert refused.value.retry_after == 7.5

    def test_draining(self) -> None:
        """A node that drains has none."""
        fanout, _ = a_fanout()
        fanout.drain()

        with pytest.raises(NotReady):
            fanout.require_seat()
