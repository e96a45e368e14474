"""`pennon audit list` and `show` against a real `pennon up`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from tests.tree.processes import Process


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs, in whose sample a flag was switched for a reason."""
    folder = tmp_path_factory.mktemp("up")
    with Process(["up", "--port", "0", "--data", str(folder)], folder / "log") as process:
        process.until_ready()
        where = ["--data", str(folder), "--json"]
        run(["flag", "on", "new-checkout", "--comment", "Süß [beta]", *where])
        yield folder


@pytest.fixture
def ask(data: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what a command prints that must work."""

    def ask(*arguments: str) -> str:
        capsys.readouterr()
        assert run(["audit", *arguments, "--data", str(data)]) == DONE
        return capsys.readouterr().out

    return ask


class TestList:
    """`pennon audit list`."""

    def test_tells_who_did_what_and_why(self, ask: Any) -> None:
        """The newest change first; text that looks like mark-up is printed as it is."""
        heading, newest, *_ = ask("list").splitlines()

        assert heading.split() == ["NUMBER", "WHEN", "WHO", "FROM", "WHAT", "ON", "IN", "WHY"]
        for part in ("127.0.0.1", "flag/new-checkout", "production", "Süß [beta]"):
            assert part in newest

    def test_keeps_what_meets_every_condition(self, ask: Any) -> None:
        """The conditions are the API's."""
        found = json.loads(
            ask(
                *("list", "--json", "--q", "süß", "--from", "2026-01-01", "-e", "production"),
                *("--action", "flag.updated", "--resource", "flag/new-checkout"),
            )
        )["items"]

        assert [record["comment"] for record in found] == ["Süß [beta]"]

    def test_begins_with_the_oldest_and_stops_at_the_limit(self, ask: Any) -> None:
        """Over as many pages as it takes."""
        found = json.loads(ask("list", "--oldest", "--limit", "3", "--json"))["items"]

        assert [record["sequence"] for record in found] == [1, 2, 3]

    def test_nothing_found_is_said(self, ask: Any) -> None:
        """In words, not as an empty table."""
        assert ask("list", "--until", "2000-01-01T00:00Z") == "No record of shop is like that.\n"

    def test_the_installation_has_a_log_too(self, ask: Any) -> None:
        """Of keys and tokens, which belong to no project."""
        assert "token.created" in ask("list", "--installation")

    @pytest.mark.parametrize(
        ("option", "value"), [("--from", "yesterday"), ("--until", "9999999"), ("--limit", "0")]
    )
    def test_a_value_that_is_none_is_misuse(
        self, option: str, value: str, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The error names the option."""
        assert run(["audit", "list", option, value, "--data", str(data)]) == MISUSED
        assert capsys.readouterr().err.startswith(f"pennon: {option}: expected")


class TestShow:
    """`pennon audit show`."""

    def test_tells_what_is_different(self, ask: Any) -> None:
        """Place by place, with the version that came of it and what binds it to the log."""
        newest = json.loads(ask("list", "--limit", "1", "--json"))["items"][0]

        text = ask("show", str(newest["sequence"]))
        assert f"record {newest['sequence']} of shop" in text
        assert "  changes   enabled: false → true\n" in text
        assert f"  hash      {newest['hash']}\n" in text
        assert f"shop/production {newest['versions']['shop/production']}" in text

    def test_tells_what_was_made(self, ask: Any) -> None:
        """Where there was nothing before."""
        assert "  changes   now {" in ask("show", "1")

    def test_json_is_what_the_origin_said(self, ask: Any) -> None:
        """Before and after as a whole."""
        record = json.loads(ask("show", "1", "--json"))

        assert (record["sequence"], record["before"]) == (1, None)

    def test_one_that_does_not_exist(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The origin's own sentence is what is said."""
        code = run(["audit", "show", "999999", "--data", str(data)])

        assert code == FAILED
        assert capsys.readouterr().err == "pennon: There is no audit record '999999'.\n"

    def test_the_installations(self, ask: Any) -> None:
        """It has numbers of its own."""
        assert "record 1 of the installation" in ask("show", "1", "--installation")


class TestVerify:
    def test_beside_an_origin_that_runs(self, ask: Any) -> None:
        """Nobody needs to stop for it."""
        assert "✗" not in ask("verify")
