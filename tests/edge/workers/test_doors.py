"""Which worker accepts at which door."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pennon.edge.workers.doors import share_doors

PRESENCE = st.lists(st.booleans(), min_size=1, max_size=64)


class TestSharing:
    def test_each_has_its_own(self) -> None:
        """Where all are ready, each accepts where nobody else does."""
        assert share_doors([True, True, True]) == ((0,), (1,), (2,))

    def test_the_present_stand_in_for_the_absent(self) -> None:
        """The doors of those who are not ready are dealt out evenly."""
        assert share_doors([False, True, False, True]) == ((), (1, 0), (), (3, 2))

    @given(PRESENCE)
    def test_no_door_is_left_alone(self, ready: list[bool]) -> None:
        """As long as anybody is ready, each door has one who accepts, and who is ready."""
        shares = share_doors(ready)
        dealt = sorted(door for doors in shares for door in doors)

        assert dealt == (list(range(len(ready))) if any(ready) else [])
        assert all(is_ready for is_ready, doors in zip(ready, shares, strict=True) if doors)

    @given(PRESENCE)
    def test_nobody_has_much_more(self, ready: list[bool]) -> None:
        """The burden of those who are away is shared: by one door at most."""
        counts = [len(doors) for doors in share_doors(ready) if doors]

        assert not counts or max(counts) - min(counts) <= 1
