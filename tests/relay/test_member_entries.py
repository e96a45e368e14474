"""Entries: the least recently used go first, within bounds."""

from __future__ import annotations

from pennon.model.members import Membership
from pennon.relay.member_entries import MEAN_BYTES, Known, MemberEntries, size_of

IN, OUT = Known(Membership.IN, 0.0), Known(Membership.OUT, 0.0)


class TestEntries:
    def test_least_recently_used(self) -> None:
        """Who is not asked about goes when there is no more room."""
        entries = MemberEntries(2)
        entries.put(1, "ada", IN)
        entries.put(1, "bob", IN)
        entries.get(1, "ada")
        entries.put(1, "cleo", OUT)

        assert entries.get(1, "bob") is None
        assert (entries.get(1, "ada"), entries.get(1, "cleo")) == (IN, OUT)
        assert entries.evicted == 1

    def test_a_correction_is_no_use(self) -> None:
        """What is corrected stays where it was in the line, and what is not there is not added."""
        entries = MemberEntries(2)
        entries.put(1, "ada", IN)
        entries.put(1, "bob", IN)
        entries.correct(1, "ada", OUT)
        entries.correct(1, "dora", OUT)
        entries.put(1, "cleo", IN)

        assert entries.get(1, "ada") is None
        assert entries.get(1, "dora") is None

    def test_long_keys(self) -> None:
        """Many long keys are fewer: entries are bounded in bytes as well."""
        entries = MemberEntries(10)
        for number in range(10):
            entries.put(1, f"{number}".rjust(1_000, "x"), IN)

        assert entries.bytes <= 10 * MEAN_BYTES
        assert len(entries) < 10

    def test_bytes(self) -> None:
        """What goes takes nothing, however it went."""
        entries = MemberEntries(2)
        entries.put(1, "ada", IN)
        entries.put(1, "ada", OUT)
        entries.put(2, "ada", OUT)
        assert entries.bytes == 2 * size_of("ada")

        entries.put(1, "bob", IN)
        entries.discard(1, "bob")
        entries.discard(2, "ada")
        entries.discard(2, "ada")

        assert (entries.bytes, len(entries)) == (0, 0)
