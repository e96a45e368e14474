"""Which worker accepts at which door: pure."""

from __future__ import annotations

from collections.abc import Sequence


def share_doors(ready: Sequence[bool]) -> tuple[tuple[int, ...], ...]:
    """
    Return the doors of each worker, of which there are as many as doors.

    A worker that is ready has its own, and those of the others are dealt out among them, for the
    system sends connections to every door. Where nobody is ready, nobody has any.
    """
    present = [index for index, is_ready in enumerate(ready) if is_ready]
    absent = [index for index, is_ready in enumerate(ready) if not is_ready]
    shares: list[tuple[int, ...]] = [
        (index,) if is_ready else () for index, is_ready in enumerate(ready)
    ]
    for turn, door in enumerate(absent if present else []):
        index = present[turn % len(present)]
        shares[index] = (*shares[index], door)
    return tuple(shares)
