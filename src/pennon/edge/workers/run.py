"""Runs an edge: as one process, as the supervisor of several, or as one of those."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from pennon.edge import app
from pennon.edge.settings import EdgeSettings
from pennon.edge.workers import supervise, worker
from pennon.edge.workers.seat import take_seat
from pennon.model.ready import NodeReady


def run(
    settings: EdgeSettings, announce: Callable[[NodeReady], None], command: Sequence[str]
) -> None:
    """
    Serve until told to stop; *announce* is called once every environment is loaded.

    *command* starts this very program again, with the options that it was started with.
    """
    seat = take_seat(os.environ)
    if seat is not None:
        worker.run(settings, seat)
    elif settings.workers > 1:
        supervise.run(settings, announce, command)
    else:
        app.run(settings, announce)
