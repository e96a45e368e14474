"""What is wrong with an environment, for as long as it is."""

from __future__ import annotations

import pytest

from pennon.model.messages import Contact, Goodbye, Message, Unreadable
from pennon.relay.alarms import Alarms
from pennon.relay.replicas import Replicas
from tests.builders.relay import SHOP, Clock, a_change, a_heartbeat, a_snapshot, some_flags

UNREADABLE = Unreadable(environment=SHOP, kind="snapshot", reason="$: expected JSON")
DRIFTED, SHRUNK = a_heartbeat(5, digest=42), a_snapshot(6, some_flags(1))


class Watched:
    """A node that holds four flags at version 5, and its alarms."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.alarms = Alarms(self.clock)
        self.replicas = Replicas()
        self.shop = self.replicas.open(SHOP)
        self.shop.replace(a_snapshot(5, some_flags(4)))

    def hear(self, *messages: Message) -> set[str]:
        """Take *messages* and return the alarms that stand."""
        for message in messages:
            self.alarms.note(message, self.replicas.take(message))
        assert all(environment == SHOP for environment, _ in self.alarms)
        return {alarm for _, alarm in self.alarms}


class TestRefusals:
    @pytest.mark.parametrize(
        ("message", "alarm"),
        [(UNREADABLE, "unreadable"), (SHRUNK, "shrunk"), (DRIFTED, "drift")],
    )
    def test_stands_until_something_good(self, message: Message, alarm: str) -> None:
        """A refusal raises an alarm, which what says nothing leaves, and a good message ends."""
        node = Watched()
        assert node.hear(message) == {alarm}
        assert node.hear(Contact(), Goodbye(), a_change(3), a_heartbeat(4)) == {alarm}

        assert node.hear(a_snapshot(7, some_flags(4))) == set()

    def test_recovered_by_itself(self) -> None:
        """A parent that stands where the node does, digest and all, is well again."""
        node = Watched()
        node.hear(SHRUNK)

        assert node.hear(a_heartbeat(5, node.shop.digest)) == set()

    def test_told_once(self, caplog: pytest.LogCaptureFixture) -> None:
        """The log has it once, and its end."""
        Watched().hear(SHRUNK, SHRUNK, a_change(6), a_change(7))

        assert [record.message for record in caplog.records if "alarm" in record.message] == [
            *("alarm_raised", "alarm_ended"),
        ]


class TestAhead:
    def test_for_too_long(self) -> None:
        """A parent that is behind for over a minute has gone back: what is held stays."""
        node = Watched()
        assert node.hear(a_heartbeat(3)) == set()
        node.clock.now += 60
        assert node.hear(a_heartbeat(4)) == set()
        node.clock.now += 1

        assert node.hear(a_heartbeat(4)) == {"ahead"}
        assert node.shop.items == some_flags(4)

    @pytest.mark.parametrize("news", [a_change(6), a_snapshot(6, some_flags(4))])
    def test_caught_up(self, news: Message) -> None:
        """It ends when the parent has caught up."""
        node = Watched()
        node.hear(a_heartbeat(3))
        node.clock.now += 61
        assert node.hear(a_heartbeat(3)) == {"ahead"}

        assert node.hear(news) == set()

    def test_a_slow_parent(self) -> None:
        """One that catches up in time, as after a fail-over, is no alarm, however often."""
        node = Watched()
        for _ in range(3):
            node.hear(a_heartbeat(4))
            node.clock.now += 50
            assert node.hear(a_heartbeat(5, node.shop.digest)) == set()

    def test_an_older_epoch(self) -> None:
        """Nor will a parent that stays in an older epoch ever say what can be taken."""
        node = Watched()
        node.shop.replace(a_snapshot(1, some_flags(4), epoch=2))
        assert node.hear(a_heartbeat(9)) == set()
        node.clock.now += 61

        assert node.hear(a_heartbeat(10)) == {"ahead"}


class TestForgetting:
    def test_followed_no_longer(self) -> None:
        """What is followed no longer has no alarm."""
        node = Watched()
        node.hear(SHRUNK)
        node.alarms.forget(SHOP)

        assert list(node.alarms) == []
