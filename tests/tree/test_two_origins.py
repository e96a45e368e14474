"""Two origins on one PostgreSQL: a change at one is told by the streams of the other."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.builders.nats import a_nats
from tests.builders.postgres import MISSING, binaries
from tests.tree.asking import eventually
from tests.tree.origins import Pair, a_pair
from tests.tree.processes import Process

if binaries() is None:
    pytest.skip(MISSING, allow_module_level=True)


@pytest.mark.timeout(120)
def test_notify(tmp_path: Path) -> None:
    """Without being asked they share PostgreSQL's own bus; the tick is an hour away."""
    with a_pair(tmp_path, "--tick-seconds", "3600") as pair:
        before = pair.is_on()
        pair.switch(True)
        eventually(pair.is_on)

    assert not before


@pytest.mark.timeout(120)
def test_nats_and_its_end(tmp_path: Path) -> None:
    """Over NATS it is the same; with NATS dead, changes come by the tick."""
    with a_nats() as nats, a_pair(tmp_path, "--tick-seconds", "1", "--bus", nats.url) as pair:
        pair.switch(True)
        eventually(pair.is_on)
        nats.kill()
        pair.switch(False)
        eventually(lambda: not pair.is_on())
        nats.start()
        pair.switch(True)
        eventually(pair.is_on)


@pytest.mark.timeout(120)
def test_a_receipt_is_the_same_at_both(tmp_path: Path) -> None:
    """The edge hangs on the second origin; the first, asked for the receipt, waits for it."""
    with a_pair(tmp_path) as pair:
        version = pair.switch(True)
        for origin in (pair.first, pair.second):
            eventually(partial(has_arrived, pair, origin, version))


def has_arrived(pair: Pair, origin: Process, version: int) -> bool:
    """Return whether an origin says that the edge has a version."""
    receipt = pair.receipt(origin, version)
    return receipt["complete"] and [pop["pop"] for pop in receipt["pops"]] == ["local"]
