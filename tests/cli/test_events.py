"""`pennon events list` against a real `pennon up`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from tests.tree.processes import Process


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs and is told of a purchase and an exposure."""
    folder = tmp_path_factory.mktemp("up")
    with Process(["up", "--port", "0", "--data", str(folder)], folder / "log") as process:
        ready = process.until_ready()
        _track(ready)
        _tell(ready)
        yield folder


def _track(ready: dict[str, Any]) -> None:
    answer = httpx2.patch(
        f"{ready['url']}/api/v1/projects/shop/environments/production/flags/new-checkout",
        json={"track": "all"},
        headers={"Authorization": f"Bearer {ready['adminToken']}"},
    )
    assert answer.status_code == 200


def _tell(ready: dict[str, Any]) -> None:
    events = [
        {"kind": "exposure", "flag": "new-checkout", "variation": "on"},
        {"kind": "custom", "name": "purchase [beta]", "value": 9.5, "properties": {"tax": None}},
    ]
    answer = httpx2.post(
        f"{ready['url']}/events/v1",
        json={"context": {"targetingKey": "ada"}, "events": events},
        headers={"Authorization": f"Bearer {ready['serverKey']}"},
    )
    assert answer.json() == {"taken": 2, "refused": []}


@pytest.fixture
def ask(data: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what a command prints once all that was told has arrived."""

    def ask(*arguments: str) -> str:
        capsys.readouterr()
        assert run(["events", "list", *arguments, "--data", str(data)]) == DONE
        return capsys.readouterr().out

    while len(json.loads(ask("--json"))["items"]) < 2:
        pass
    return ask


@pytest.mark.timeout(120)
class TestList:
    def test_table(self, ask: Any) -> None:
        """A line an event; text that looks like mark-up is printed as it is."""
        lines = ask().splitlines()

        assert lines[0].split() == ["WHEN", "KIND", "WHAT", "WHOSE", "SAYS"]
        assert any("purchase [beta]" in line and "9.5 tax=null" in line for line in lines)
        assert any("new-checkout" in line and "on, by default" in line for line in lines)

    def test_conditions(self, ask: Any) -> None:
        """The conditions are the API's."""
        asked = ("--flag", "new-checkout", "--kind", "exposure", "--unit", "user:ada", "--json")
        found = json.loads(ask(*asked))["items"]

        assert [(one["flag"], one["units"]) for one in found] == [("new-checkout", {"user": "ada"})]

    def test_none(self, ask: Any) -> None:
        """Where nothing is like that it says so."""
        assert "No event of shop/production is like that." in ask("--name", "other")

    def test_misused(self, data: Path) -> None:
        """What makes no sense is refused, here or there."""
        assert run(["events", "list", "--limit", "0", "--data", str(data)]) == MISUSED
        assert run(["events", "list", "--kind", "x", "--data", str(data)]) == FAILED
