"""Where each worker's batches wait for the parent, also when there were more workers before."""

from __future__ import annotations

from pathlib import Path

from pennon.edge.workers.seat import Seat
from pennon.kv.spool import move_batches


def place_of(folder: Path, seat: Seat | None) -> Path:
    """
    Return where in *folder* a process keeps its batches: a place of its own.

    An edge that is one process uses the folder itself, worker 2 uses `w2` in it. The first takes
    over what lies where nobody is any more, after a start with another number of workers.
    """
    if seat is None:
        place, abandoned = folder, [*folder.glob("w*")]
    else:
        place = folder / seat.name
        in_use = {f"w{index}" for index in range(seat.count)}
        abandoned = [folder, *(each for each in folder.glob("w*") if each.name not in in_use)]
    if seat is None or seat.index == 0:
        for each in abandoned:
            move_batches(each, place)
    return place
