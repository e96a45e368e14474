"""`pennon flag` against a real `pennon up`, as the quickstart has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pennon.cli.app import DONE, FAILED, run
from tests.tree.processes import Process


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs, with the sample in it."""
    folder = tmp_path_factory.mktemp("up")
    arguments = ["up", "--port", "0", "--data", str(folder)]
    with Process(arguments, folder / "log") as process:
        process.until_ready()
        yield folder


def served(data: Path, flag: str, version: int) -> Any:
    """Return what `pennon up` serves to ada once its edge has *version*, which is at once."""
    keys = json.loads((data / "keys.json").read_text())
    with httpx2.Client(headers={"Authorization": f"Bearer {keys['serverKey']}"}) as client:
        while True:
            answer = client.post(
                f"{keys['url']}/ofrep/v1/evaluate/flags/{flag}",
                json={"context": {"targetingKey": "ada"}},
            )
            if int(answer.headers["X-Pennon-Version"].rpartition(".")[2]) >= version:
                return answer.json()["value"]


class TestFlag:
    """The commands find the origin, its token and its sample by the data folder alone."""

    def test_lists_the_sample(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Every flag that the API gives can be drawn."""
        code = run(["flag", "list", "--data", str(data)])

        assert code == DONE
        assert "new-checkout" in capsys.readouterr().out

    def test_shows_each_flag(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """No feature of the sample is beyond the words that there are."""
        run(["flag", "list", "--data", str(data), "--json"])
        keys = [flag["key"] for flag in json.loads(capsys.readouterr().out)["items"]]

        codes = {run(["flag", "show", key, "--data", str(data)]) for key in keys}

        assert codes == {DONE}

    @pytest.mark.parametrize(("switch", "value"), [("on", True), ("off", False)])
    def test_a_switch_is_what_is_served(
        self, switch: str, value: bool, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The version in the answer is the one from which on the edge serves it."""
        where = ["--data", str(data), "--json"]
        run(["flag", switch, "new-checkout", "--comment", "Süß, 100 %", *where])
        flag = json.loads(capsys.readouterr().out)

        assert served(data, "new-checkout", flag["version"]) is value

    def test_an_unknown_flag_fails(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The origin's own words are shown."""
        code = run(["flag", "on", "nope", "--data", str(data)])

        assert (code, capsys.readouterr().err) == (FAILED, "pennon: There is no flag 'nope'.\n")
