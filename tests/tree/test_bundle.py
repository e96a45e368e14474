"""An edge that has nothing at all but what it was shipped with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.tree.asking import Origin, eventually, ready
from tests.tree.processes import a_tree


def test_an_edge_starts_from_a_bundle_alone(tmp_path: Path) -> None:
    """No disk, no parent: it serves what the bundle holds, and catches up when there is one."""
    folder = tmp_path / "bundle"
    with a_tree(tmp_path) as tree:
        origin = tree.start_origin()
        Origin(tree).switch(True)
        subprocess.run(
            (sys.executable, "-m", "pennon.cli", "bundle", str(folder), "--parent", tree.url),
            env={**os.environ, "PENNON_KEY": tree.keys["relayKey"]},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        origin.kill()
        edge = ready(tree.start_edge("ams", "--bundle", str(folder)), tree)
        assert edge.is_on()
        tree.start_origin()
        Origin(tree).switch(False)

        eventually(lambda: not edge.is_on())
