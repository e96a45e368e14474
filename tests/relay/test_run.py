"""The last changes of an environment, bounded."""

from __future__ import annotations

import pytest

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
