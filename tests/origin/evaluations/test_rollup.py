"""What batches add up to."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pennon.model.events import EventBatch
from pennon.origin.evaluations.rollup import DAY_MS, HOUR_MS, may_be_taken, rolled_up
from tests.builders.events import a_batch, a_count
from tests.builders.origin import NOON
from tests.builders.relay import SHOP

MINUTES, HOURS, DAYS = 60, 3_600, 86_400


def totals(batches: list[EventBatch], now: int = NOON) -> dict[int, int]:
    """Return how many evaluations each resolution holds."""
    found = Counter[int]()
    for bucket, count in rolled_up(batches, now).counts.items():
        found[bucket.resolution] += count
    return dict(found)


class TestRolledUp:
    def test_each_resolution(self) -> None:
        """An evaluation is counted in its minute, its hour and its day."""
        batch = a_batch(a_count(2), a_count(3, minute=NOON - HOUR_MS))
        rollup = rolled_up([batch], NOON)

        assert {(b.resolution, NOON - b.at): n for b, n in rollup.counts.items()} == {
            (MINUTES, 0): 2,
            (MINUTES, HOUR_MS): 3,
            (HOURS, 0): 2,
            (HOURS, HOUR_MS): 3,
            (DAYS, 12 * HOUR_MS): 5,
        }

    @given(
        st.lists(
            st.builds(
                a_count,
                st.integers(1, 50),
                st.sampled_from("fg"),
                st.sampled_from(["on", "off", None]),
                minute=st.integers(0, 59).map(lambda n: NOON - n * 60_000),
            ),
            min_size=1,
            max_size=20,
        ),
        st.integers(1, 5),
    )
    def test_merges(self, counts: list, pieces: int) -> None:  # type: ignore[type-arg]
        """However counts are spread over batches, together they add up to the same."""
        whole = rolled_up([a_batch(*counts)], NOON)
        spread = rolled_up([a_batch(*counts[n::pieces]) for n in range(pieces)], NOON)

        assert spread == whole
        assert set(totals([a_batch(*counts)]).values()) == {sum(one.count for one in counts)}

    def test_late(self) -> None:
        """What comes late is counted where such old counts are still kept."""
        assert totals([a_batch(a_count(minute=NOON - 2 * DAY_MS))]) == {HOURS: 1, DAYS: 1}

    def test_ahead(self) -> None:
        """A minute that has not come yet is this one."""
        (bucket, *_) = rolled_up([a_batch(a_count(minute=NOON + HOUR_MS))], NOON).counts

        assert bucket.at == NOON

    def test_no_such_text(self) -> None:
        """What no database can hold is left out, and what belongs to no project."""
        bad = a_batch(a_count(flag="a\0b"), a_count(variation="\0"))

        assert rolled_up([bad, a_batch(a_count(), environment="$access")], NOON).counts == {}

    def test_last_request(self) -> None:
        """A flag was last asked for at the end of its last minute, or when the batch was cut."""
        cut = a_batch(a_count(), a_count(minute=NOON - HOUR_MS), at=NOON + 10_000)
        earlier = a_batch(a_count(minute=NOON - HOUR_MS), at=NOON + 10_000)

        now = NOON + HOUR_MS
        assert rolled_up([cut, earlier], now).requests == {(SHOP, "checkout"): NOON + 10_000}
        assert rolled_up([earlier], now).requests == {(SHOP, "checkout"): NOON - HOUR_MS + 59_999}


class TestAge:
    def test_too_old(self) -> None:
        """A batch is taken for as long as its id is remembered, and not longer."""
        assert may_be_taken(a_batch(at=NOON - 7 * DAY_MS), NOON)
        assert not may_be_taken(a_batch(at=NOON - 7 * DAY_MS - 1), NOON)
        assert not may_be_taken(a_batch(at=NOON + DAY_MS + 1), NOON)
