"""Long lists, put in order and compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import BadInput
from pennon.model.members import MOST_KEYS
from pennon.origin.members.comparing import SHOWN, Comparison
from pennon.origin.members.parsing import Entry
from pennon.origin.members.sorting import Sorting
from pennon.origin.members.tally import Edit, Tally

keys = st.text("ab🙂é~\x7f", min_size=1, max_size=3)
lists = st.dictionaries(keys, st.booleans(), max_size=30)


def entries(listed: dict[str, bool]) -> list[Entry]:
    """Return a list as it is read."""
    return [
        Entry(key.encode(), line, member) for line, (key, member) in enumerate(listed.items(), 1)
    ]


class TestSorting:
    @given(lists, st.integers(1, 7))
    def test_is_in_order_whatever_its_runs(self, listed: dict[str, bool], run: int) -> None:
        """By code point, as the databases have it."""
        with Sorting(run) as sorting:
            sorting.add(entries(listed))
            sorting.finish()
            found = [(key.decode(), member) for key, member in sorting.listed()]
            again = list(sorting.listed())

        assert found == sorted(listed.items())
        assert len(again) == len(found) == sorting.tally.size

    def test_counts_what_came_again(self) -> None:
        """It is listed once."""
        with Sorting(2) as sorting:
            sorting.add([Entry(b"a", 1, True), Entry(b"b", 2, False), Entry(b"a", 3, True)])
            sorting.finish()
            found = list(sorting.listed())

        assert (found, sorting.repeated) == ([(b"a", True), (b"b", False)], 1)

    def test_refuses_what_is_both_in_and_out(self) -> None:
        """With both lines."""
        with Sorting(2) as sorting:
            sorting.add([Entry(b"a", 7, True), Entry(b"b", 8, False), Entry(b"a", 9, False)])
            with pytest.raises(BadInput) as caught:
                sorting.finish()

        told = "line 9: expected 'a' once: line 7 says that it is a member"
        assert str(caught.value) == told

    def test_says_once_that_the_disk_is_full(self) -> None:
        """Whoever caught it and said so in other words is not contradicted at the end."""
        with (
            a_disk_that_is_full(),
            Sorting(2) as sorting,
            pytest.raises(OSError, match="too large"),
        ):
            sorting.add([Entry(b"a" * 1_000, line, True) for line in range(10)])


@contextmanager
def a_disk_that_is_full() -> Iterator[None]:
    """No file may become longer than a page."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (4_096, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)


class TestTally:
    @given(lists, lists)
    def test_is_that_of_the_list_however_it_came_about(
        self, before: dict[str, bool], after: dict[str, bool]
    ) -> None:
        """Sorted as a whole, or changed key by key."""
        tallies = []
        for listed in (before, after):
            with Sorting() as sorting:
                sorting.add(entries(listed))
                sorting.finish()
                tallies.append(sorting.tally)
        tally = tallies[0]
        for key in {*before, *after}:
            tally = tally.after(Edit(key, before.get(key), after.get(key)))

        assert tally == tallies[1]
        assert Tally.of(tally.included, tally.excluded, tally.digest) == tally


class TestComparison:
    @given(lists, lists, st.integers(1, 5))
    def test_finds_each_key_that_differs(
        self, before: dict[str, bool], after: dict[str, bool], size: int
    ) -> None:
        """In order, whatever the pages."""
        kept = sorted(before.items())
        compared = Comparison((key.encode(), member) for key, member in sorted(after.items()))
        for start in range(0, len(kept), size):
            compared.take(kept[start : start + size])
        compared.end()

        assert compared.edits == [
            Edit(key, before.get(key), after.get(key))
            for key in sorted({*before, *after})
            if before.get(key) is not after.get(key)
        ]
        assert compared.count == len(compared.edits)

    def test_remembers_no_more_than_it_tells(self) -> None:
        """A long list takes no more memory than a short one."""
        compared = Comparison((f"{number:07}".encode(), True) for number in range(MOST_KEYS + 50))
        compared.end()

        assert (compared.count, compared.is_small) == (MOST_KEYS + 50, False)
        assert len(compared.edits) == MOST_KEYS + 1
        assert len(compared.shown[True]) == SHOWN
