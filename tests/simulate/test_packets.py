"""A region behind real packet loss, in network namespaces of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pennon.simulate.packets import can_carry_packets

SCENARIO = """
title = "a far region"
seconds = 3
changes_per_second = 3
flags = 5

[[regions]]
name = "near"
pops = 4

[[regions]]
name = "far"
pops = 4
uplink = {delay_ms = 40, loss = 0.05}

[[steps]]
do = "partition"
at = 1
region = "far"
seconds = 0.5
"""


def _may_make_namespaces() -> bool:
    tried = subprocess.run(("unshare", "--net", "true"), stderr=subprocess.DEVNULL, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(
    not can_carry_packets() or not _may_make_namespaces(),
    reason="needs root on Linux, with /dev/net/tun and iproute2",
)
def test_a_region_behind_lost_packets_converges(tmp_path: Path) -> None:
    """The far PoPs are slower by the way there and end with what the origin holds."""
    scenario = tmp_path / "far.toml"
    scenario.write_text(SCENARIO)
    done = subprocess.run(
        (sys.executable, "-m", "pennon.cli", "simulate", str(scenario), "--packets", "--json"),
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert (result["astray"], result["missing"]) == ([], [])
    far = next(spread for spread in result["spreads"] if spread["name"] == "far")
    assert far["p50Ms"] >= 40
