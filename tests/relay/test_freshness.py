"""How long ago a healthy parent was heard."""

from __future__ import annotations

import pytest

from pennon.model.messages import Contact, Goodbye
from pennon.relay.freshness import Freshness
from tests.builders.relay import SHOP, Clock, a_change, a_heartbeat, a_snapshot


def a_freshness() -> tuple[Freshness, Clock, Clock]:
    """Return a freshness with its steady clock and its wall clock."""
    clock, wall = Clock(500.0), Clock(1_000.0)
    return Freshness(clock, wall, stale_seconds=75), clock, wall


class TestStale:
    @pytest.mark.parametrize("message", [a_change(1), a_snapshot(1), a_heartbeat(1)])
    def test_after_75_seconds(self, message: object) -> None:
        """An environment is fresh for 75 s after each message of its own."""
        freshness, clock, _ = a_freshness()
        freshness.heard(message)  # type: ignore[arg-type]  # each of them is a message
        clock.now += 75
        assert freshness.stale_ms(SHOP) is None

        clock.now += 1

        assert freshness.stale_ms(SHOP) == 76_000

    def test_from_the_start(self) -> None:
        """One that was never heard of is stale from the start."""
        freshness, clock, _ = a_freshness()
        assert freshness.stale_ms(SHOP) == 1

        clock.now += 3

        assert freshness.stale_ms(SHOP) == 3_000

    def test_back_again(self) -> None:
        """One that was let go of and comes back is stale since it was heard of last."""
        freshness, clock, _ = a_freshness()
        clock.now += 10
        freshness.heard(a_heartbeat(1))
        clock.now += 5
        freshness.forget(SHOP)
        assert freshness.stale_ms(SHOP) == 5_000

        freshness.heard(a_heartbeat(1))

        assert freshness.stale_ms(SHOP) is None

    def test_each_environment(self) -> None:
        """Hearing of one environment says nothing about another."""
        freshness, *_ = a_freshness()
        freshness.heard(a_heartbeat(1))

        assert freshness.stale_ms(SHOP) is None
        assert freshness.stale_ms("shop/staging") is not None

    def test_bytes_do_not_count(self) -> None:
        """A parent that only says that it lives may itself be out of touch."""
        freshness, *_ = a_freshness()
        freshness.heard(Contact())
        freshness.heard(Goodbye())

        assert freshness.stale_ms(SHOP) is not None


class TestOffset:
    def test_from_heartbeats(self) -> None:
        """The parent's clock is what its newest heartbeat says, less one's own."""
        freshness, _, wall = a_freshness()
        assert freshness.clock_offset_ms is None

        freshness.heard(a_heartbeat(1, time=1_000_250))
        wall.now += 10
        freshness.heard(a_heartbeat(1, time=1_009_000))

        assert freshness.clock_offset_ms == -1_000
