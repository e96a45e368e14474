"""Who is woken, and who gets a seat."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from pennon.errors import NotReady
from pennon.model.position import ACCESS
from pennon.relay.replicas import Replicas
from pennon.web.fanout import Fanout
from tests.builders.relay import SHOP, a_change, a_snapshot

STAGING = "shop/staging"


def a_fanout(most_seats: int = 10) -> tuple[Fanout, Replicas]:
    replicas = Replicas()
    fanout = Fanout(replicas, most_seats=most_seats)
    for name in (SHOP, STAGING, ACCESS):
        replicas.open(name).replace(a_snapshot(1, environment=name))
    return fanout, replicas


def settled(wake: asyncio.Event) -> asyncio.Event:
    """Return *wake* as it is once its follower has looked around for the first time."""
    assert wake.is_set()
    wake.clear()
    return wake


class TestWaking:
    @pytest.mark.parametrize(("moved", "woken"), [(SHOP, True), (STAGING, False), (ACCESS, True)])
    def test_who(self, moved: str, woken: bool) -> None:
        """A follower is woken by its own environments, and by any change of who may what."""
        fanout, replicas = a_fanout()
        with fanout.seat([SHOP]) as seat:
            wake = settled(seat)
            replicas.open(moved).apply(a_change(2, environment=moved))

            assert wake.is_set() is woken

    def test_all(self) -> None:
        """Every follower of an environment is woken; one that left is not."""
        fanout, replicas = a_fanout()
        with fanout.seat([SHOP]) as one, fanout.seat([SHOP, STAGING]) as two:
            with fanout.seat([SHOP]) as gone:
                settled(gone)
            replicas.open(SHOP).apply(a_change(2))

            assert (settled(one), settled(two), gone.is_set()) == (one, two, False)

    def test_drain(self) -> None:
        """A drain wakes all."""
        fanout, _ = a_fanout()
        with fanout.seat([SHOP]) as one, fanout.seat([STAGING]) as two:
            settled(one)
            settled(two)
            fanout.drain()

            assert one.is_set()
            assert two.is_set()


class TestSeats:
    def test_counted(self) -> None:
        """Seats are counted, and given back however the block ends."""
        fanout, _ = a_fanout()
        taken = 0
        with suppress(KeyError), fanout.seat([SHOP]):
            taken = fanout.taken
            raise KeyError

        assert (taken, fanout.taken) == (1, 0)

    def test_full(self) -> None:
        """Where all are taken there is none to be had, until one is given back."""
        fanout, _ = a_fanout(most_seats=1)
        with fanout.seat([SHOP]), pytest.raises(NotReady):
            fanout.require_seat()

        fanout.require_seat()

    def test_draining(self) -> None:
        """A node that drains has none."""
        fanout, _ = a_fanout()
        fanout.drain()

        with pytest.raises(NotReady):
            fanout.require_seat()
