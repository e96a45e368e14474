"""A backup is restored under a fleet that has seen newer versions: everyone ends with one truth."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tree.asking import Origin, eventually, ready
from tests.tree.processes import a_tree


def _pennon(*arguments: str) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PENNON_")}
    subprocess.run(
        (sys.executable, "-m", "pennon.cli", *arguments), check=True, env=environ, stdout=-3
    )


@pytest.mark.timeout(180)
def test_a_restored_origin_is_followed_in_a_new_epoch(tmp_path: Path) -> None:
    """Though its versions are older than those that the edge has, the edge takes them."""
    data, backup = str(tmp_path / "origin"), str(tmp_path / "monday.db")
    with a_tree(tmp_path) as tree:
        origin = tree.start_origin()
        edge = ready(tree.start_edge("ams"), tree)
        _pennon("backup", backup, "--data", data)
        for enabled in (True, False, True):
            Origin(tree).switch(enabled)
        eventually(edge.is_on)
        origin.stop()
        _pennon("restore", backup, "--data", data)
        tree.start_origin()

        eventually(lambda: not edge.is_on())
        Origin(tree).switch(True)
        eventually(edge.is_on)


@pytest.mark.timeout(180)
def test_a_file_put_back_by_hand_is_not_followed(tmp_path: Path) -> None:
    """Same epoch, versions gone back: the edge keeps what it holds until `pennon restore`."""
    data, backup = tmp_path / "origin", tmp_path / "monday.db"
    with a_tree(tmp_path) as tree:
        origin = tree.start_origin()
        edge = ready(tree.start_edge("ams"), tree)
        _pennon("backup", str(backup), "--data", str(data))
        Origin(tree).switch(True)
        eventually(edge.is_on)
        origin.stop()
        for ending in ("-wal", "-shm"):
            (data / f"pennon.db{ending}").unlink(missing_ok=True)
        (data / "pennon.db").write_bytes(backup.read_bytes())
        origin = tree.start_origin()
        behind = 'pennon_messages_total{type="heartbeat",verdict="behind"}'
        eventually(lambda: edge.metric(behind) > 0)

        assert edge.is_on()
        origin.stop()
        _pennon("restore", "--data", str(data))
        tree.start_origin()
        eventually(lambda: not edge.is_on())
