"""A small fleet of real processes, disturbed in every way at once, ends as the origin stands."""

from __future__ import annotations

from pathlib import Path

from pennon.simulate.run import simulate
from pennon.simulate.scenario import parse_scenario

ROUGH = """
title = "a small fleet, disturbed in every way"
seconds = 4
changes_per_second = 5
flags = 5

[[regions]]
name = "near"
pops = 8
connectors = 2

[[regions]]
name = "far"
pops = 8
connectors = 0
uplink = {delay_ms = 20, jitter_ms = 20, loss = 0.02}

[[steps]]
do = "slow"
at = 0.5
region = "near"
pops = 2
seconds = 1

[[steps]]
do = "restart"
at = 1
region = "near"
pops = 2
cold = true

[[steps]]
do = "kill-connector"
at = 1.5
region = "near"
connector = 2
seconds = 0.5

[[steps]]
do = "partition"
at = 0.5
region = "far"
seconds = 1

[[steps]]
do = "cut"
at = 2
region = "far"
seconds = 0.5

[[steps]]
do = "kill-origin"
at = 3
seconds = 0.1
"""


async def test_a_disturbed_fleet_converges(tmp_path: Path) -> None:
    """Every PoP holds what the origin holds, with a receipt; the cut ones came back."""
    told: list[str] = []
    result = await simulate(parse_scenario(ROUGH, "rough.toml"), tmp_path, told.append)

    assert (result.astray, result.missing) == ((), ())
    assert result.passed
    reconnects = {spread.name: spread.reconnects for spread in result.spreads}
    assert reconnects["far"] >= 8
    assert len(told) == 2 + 6 + 1
