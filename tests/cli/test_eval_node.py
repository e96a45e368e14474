"""`pennon eval` of the flags of a real `pennon up`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.cli.app import DONE, FAILED, run
from tests.tree.processes import Process


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs, with the sample in it."""
    folder = tmp_path_factory.mktemp("up")
    with Process(["up", "--port", "0", "--data", str(folder)], folder / "log") as process:
        process.until_ready()
        yield folder


class TestNode:
    """A node is asked for its datafile, by the keys that it saved."""

    def test_every_flag_of_the_sample_is_explained(
        self, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """No feature of it is beyond the words that there are."""
        code = run(["eval", "--all", "--user", "ada", "--explain", "--data", str(data)])

        out = capsys.readouterr().out
        assert code == DONE
        assert "in segment beta-testers" in out
        assert "from        shop/production" in out

    def test_another_environment_goes_by_its_short_name(
        self, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The project is the saved one."""
        run(["eval", "new-checkout", "-e", "staging", "--data", str(data)])

        assert "from        shop/staging" in capsys.readouterr().out

    def test_the_connection_can_be_said(
        self, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Nothing need be saved."""
        keys = json.loads((data / "keys.json").read_text())
        node = ["--parent", keys["url"], "--key", keys["relayKey"], "-e", "shop/production"]

        code = run(["eval", "new-checkout", *node])

        assert code == DONE

    def test_an_unknown_environment_fails(
        self, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The node's own words are shown."""
        code = run(["eval", "x", "-e", "shop/nowhere", "--data", str(data)])

        assert (code, capsys.readouterr().err) == (
            FAILED,
            "pennon: There is no environment 'shop/nowhere'.\n",
        )

    def test_a_key_that_is_refused_is_explained(
        self, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A 401 says how a key is given."""
        code = run(["eval", "x", "--key", "wrong", "--data", str(data)])

        assert code == FAILED
        assert capsys.readouterr().err.endswith("Give a relay key with --key or PENNON_KEY.\n")

    def test_nothing_there_is_explained(self, capsys: pytest.CaptureFixture[str]) -> None:
        """No traceback where nobody listens, but what to do."""
        node = ["--parent", "http://127.0.0.1:1", "--key", "k", "-e", "shop/production"]

        code = run(["eval", "x", *node])

        assert code == FAILED
        assert capsys.readouterr().err.startswith("pennon: Nothing answers at http://127.0.0.1:1.")
