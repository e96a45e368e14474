"""What a bus still has to send."""

from __future__ import annotations

from pennon.origin.bus.outbox import MOST_PIECES, WAKE, Outbox


def taken(outbox: Outbox) -> list[bytes]:
    return list(iter(outbox.take, None))


class TestOutbox:
    def test_a_wake_up_first(self) -> None:
        """A change does not wait for what nodes report, however much of that there is."""
        outbox = Outbox()
        outbox.add(b"one")
        outbox.add(b"two")
        outbox.wake()

        assert outbox.take() is WAKE
        assert outbox.take() == b"one"
        outbox.wake()
        assert taken(outbox) == [WAKE, b"two"]

    def test_one_wake_up(self) -> None:
        """Of many wake-ups one is sent: it says no more than that something may have moved."""
        outbox = Outbox()
        for _ in range(9):
            outbox.wake()

        assert taken(outbox) == [WAKE]

    def test_bounded(self) -> None:
        """While nobody can be told, the oldest pieces are let go."""
        outbox = Outbox()
        pieces = [b"%d" % number for number in range(MOST_PIECES + 3)]
        for piece in pieces:
            outbox.add(piece)

        assert taken(outbox) == pieces[3:]
