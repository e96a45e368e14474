"""Where workers keep batches, and who takes over those of workers that are no more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.edge.workers.places import place_of
from pennon.edge.workers.seat import Seat
from pennon.kv.spool import Spool


def seats(count: int) -> list[Seat | None]:
    """Return the seats of an edge with so many workers; a single process has none."""
    if count == 1:
        return [None]
    return [Seat(index=index, doors=tuple(range(count)), control=0) for index in range(count)]


def waiting(folder: Path, count: int) -> Iterator[str]:
    """Yield what the processes of an edge would send, in the order in which they start."""
    for seat in seats(count):
        spool = Spool(place_of(folder, seat))
        while (batch := spool.oldest()) is not None:
            yield batch[0]
            spool.remove(batch[0])


class TestPlaces:
    def test_each_has_its_own(self, tmp_path: Path) -> None:
        """Workers do not use the same folder, and one process uses none of theirs."""
        places = [place_of(tmp_path, seat) for seat in (*seats(3), *seats(1))]

        assert len(set(places)) == 4

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    def test_nothing_is_lost_or_sent_twice(self, counts: list[int]) -> None:
        """However the number of workers changes from start to start, each batch is sent once."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            written = []
            for start, count in enumerate(counts):
                for index, seat in enumerate(seats(count)):
                    batch = f"{start}-{index}"
                    place = place_of(folder, seat)
                    place.mkdir(exist_ok=True)
                    (place / f"{batch}.batch").write_bytes(b"x")
                    written.append(batch)

            assert sorted(waiting(folder, 2)) == sorted(written)
