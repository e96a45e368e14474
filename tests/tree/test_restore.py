"""A backup is restored under a fleet that has seen newer versions: everyone ends with one truth."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.tree.asking import eventually
from tests.tree.processes import Process, Tree, a_tree


def _pennon(*arguments: str) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PENNON_")}
    subprocess.run(
        (sys.executable, "-m", "pennon.cli", *arguments), check=True, env=environ, stdout=-3
    )


def _switch(tree: Tree, enabled: bool) -> None:
    answer = httpx2.patch(
        f"{tree.url}/api/v1/projects/shop/environments/production/flags/new-checkout",
        json={"enabled": enabled},
        headers={"Authorization": f"Bearer {tree.keys['adminToken']}"},
    )
    assert answer.status_code == 200, answer.text


def _is_on(tree: Tree, edge: Process) -> bool:
    """Return what the edge says of the sample's `new-checkout`."""
    answer = httpx2.post(
        f"{edge.ready['url']}/ofrep/v1/evaluate/flags/new-checkout",
        json={"context": {"targetingKey": "ada", "plan": "pro"}},
        headers={"Authorization": f"Bearer {tree.keys['serverKey']}"},
    )
    value: dict[str, Any] = answer.json()
    return value["value"] is True


@pytest.mark.timeout(180)
def test_a_restored_origin_is_followed_in_a_new_epoch(tmp_path: Path) -> None:
    """Though its versions are older than those that the edge has, the edge takes them."""
    data, backup = str(tmp_path / "origin"), str(tmp_path / "monday.db")
    with a_tree(tmp_path) as tree:
        origin = tree.start_origin()
        edge = tree.start_edge("ams")
        edge.until_ready()
        _pennon("backup", backup, "--data", data)
        for enabled in (True, False, True):
            _switch(tree, enabled)
        eventually(lambda: _is_on(tree, edge))
        origin.stop()
        _pennon("restore", backup, "--data", data)
        tree.start_origin()

        eventually(lambda: not _is_on(tree, edge))
        _switch(tree, True)
        eventually(lambda: _is_on(tree, edge))


@pytest.mark.timeout(180)
def test_a_file_put_back_by_hand_is_not_followed(tmp_path: Path) -> None:
    """Same epoch, versions gone back: the edge keeps what it holds until `pennon restore`."""
    data, backup = tmp_path / "origin", tmp_path / "monday.db"
    with a_tree(tmp_path) as tree:
        origin = tree.start_origin()
        edge = tree.start_edge("ams")
        edge.until_ready()
        _pennon("backup", str(backup), "--data", str(data))
        _switch(tree, True)
        eventually(lambda: _is_on(tree, edge))
        origin.stop()
        for ending in ("-wal", "-shm"):
            (data / f"pennon.db{ending}").unlink(missing_ok=True)
        (data / "pennon.db").write_bytes(backup.read_bytes())
        origin = tree.start_origin()
        behind = 'verdict="behind"'
        eventually(lambda: behind in _metrics(tree, edge))

        assert _is_on(tree, edge)
        origin.stop()
        _pennon("restore", "--data", str(data))
        tree.start_origin()
        eventually(lambda: not _is_on(tree, edge))


def _metrics(tree: Tree, edge: Process) -> str:
    key = tree.keys["relayKey"]
    return httpx2.get(
        f"{edge.ready['url']}/metrics", headers={"Authorization": f"Bearer {key}"}
    ).text
