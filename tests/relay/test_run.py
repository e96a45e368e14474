"""The last changes of an environment, bounded."""

from __future__ import annotations

import pytest

from pennon.model.position import Position
from pennon.relay.run import Run, frame_of
from tests.builders.relay import a_change, a_position


def a_run(last: int, *, max_frames: int = 100, max_bytes: int = 1_000_000) -> Run:
    """Return a run that began after version 0 and holds what its bounds allow of 1 to *last*."""
    run = Run(max_frames, max_bytes)
    run.clear(a_position(0))
    for version in range(1, last + 1):
        run.append(a_change(version))
    return run


def frames(first: int, last: int) -> bytes:
    return b"".join(frame_of(a_change(version)) for version in range(first, last + 1))


class TestAfter:
    @pytest.mark.parametrize("version", range(6))
    def test_reaches_back(self, version: int) -> None:
        """Every frame after a position that the run covers, and nothing after the last."""
        assert a_run(5).after(a_position(version)) == frames(version + 1, 5)

    def test_ahead(self) -> None:
        """Nothing can be said to someone who is ahead."""
        assert a_run(5).after(a_position(6)) is None

    @pytest.mark.parametrize("epoch", [0, 2])
    def test_another_epoch(self, epoch: int) -> None:
        """A version of another epoch says nothing about this one's."""
        assert a_run(5).after(a_position(3, epoch)) is None

    def test_nothing_held(self) -> None:
        """A run that was never told where it begins reaches back to nothing."""
        assert Run().after(a_position(0)) is None

    def test_cleared(self) -> None:
        """After a full sync the run begins anew."""
        run = a_run(5)
        run.clear(a_position(9))
        run.append(a_change(10))

        assert run.after(a_position(9)) == frames(10, 10)
        assert run.after(a_position(5)) is None

    def test_one_frame_is_shared(self) -> None:
        """The frame of one change is one object for all followers."""
        run = a_run(5)

        assert run.after(a_position(4)) is run.after(a_position(4))


class TestNext:
    SIZE = len(frames(1, 1))

    @pytest.mark.parametrize(("fits", "reached"), [(1, 2), (2, 3), (3, 4), (9, 5)])
    def test_some(self, fits: int, reached: int) -> None:
        """As many frames as fit, and the position that they lead to."""
        run = a_run(5)

        assert run.next(a_position(1), fits * self.SIZE) == (
            frames(2, reached),
            a_position(reached),
        )

    def test_at_least_one(self) -> None:
        """A frame that fits nowhere is given nevertheless."""
        assert a_run(5).next(a_position(2), 1) == (frames(3, 3), a_position(3))

    @pytest.mark.parametrize("version", [1, 4])
    def test_shared(self, version: int) -> None:
        """All who stand at one position get one object, until the run moves on."""
        run = a_run(5)
        first = run.next(a_position(version), 10_000)
        again = run.next(a_position(version), 10_000)
        run.append(a_change(6))
        later = run.next(a_position(version), 10_000)

        assert first is not None
        assert again is not None
        assert first[0] is again[0]
        assert later == (frames(version + 1, 6), a_position(6))

    @pytest.mark.parametrize("position", [a_position(1), a_position(4, epoch=0)])
    def test_out_of_reach(self, position: Position) -> None:
        """Nothing for one whom the run does not reach."""
        run = a_run(9, max_frames=3)

        assert run.next(position, 10_000) is None
        assert not run.covers(position)

    def test_covers(self) -> None:
        """It reaches those whom it has every frame for, also one who lacks none."""
        run = a_run(9, max_frames=3)

        assert [version for version in range(12) if run.covers(a_position(version))] == [6, 7, 8, 9]


class TestBounds:
    def test_frames(self) -> None:
        """No more frames than allowed; the oldest go first."""
        run = a_run(10, max_frames=3)

        assert run.after(a_position(7)) == frames(8, 10)
        assert run.after(a_position(6)) is None

    def test_bytes(self) -> None:
        """No more bytes than allowed."""
        run = a_run(9, max_bytes=len(frames(1, 2)))

        assert run.after(a_position(7)) == frames(8, 9)
        assert run.after(a_position(6)) is None

    def test_one_large_frame(self) -> None:
        """The newest frame is kept whatever its size."""
        run = a_run(2, max_bytes=1)

        assert run.after(a_position(1)) == frames(2, 2)
        assert run.after(a_position(0)) is None
