"""`pennon flag history`, `diff`, `rollback` and `pennon eval --at` against a real `pennon up`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from tests.tree.processes import Process

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs, with the sample in it."""
    folder = tmp_path_factory.mktemp("up")
    with Process(["up", "--port", "0", "--data", str(folder)], folder / "log") as process:
        process.until_ready()
        yield folder


@pytest.fixture
def versions(data: Path, capsys: Captured) -> tuple[int, int]:
    """The versions at which new-checkout was switched on, then off."""
    return switch(data, capsys, "on", "Let them in"), switch(data, capsys, "off", "It broke")


def switch(data: Path, capsys: Captured, state: str, comment: str) -> int:
    """Switch new-checkout and return the version that it took."""
    found = asked(data, capsys, "flag", state, "new-checkout", "--comment", comment)
    version: int = found["version"]
    return version


def asked(data: Path, capsys: Captured, *arguments: str) -> Any:
    """Return what a command prints as JSON."""
    code = run([*arguments, "--data", str(data), "--json"])
    out = capsys.readouterr().out
    assert code == DONE
    return json.loads(out)


def printed(data: Path, capsys: Captured, *arguments: str) -> str:
    """Return what a command prints for people."""
    code = run([*arguments, "--data", str(data)])
    captured = capsys.readouterr()
    assert code == DONE, captured.err
    return captured.out


class TestHistory:
    """`pennon flag history`."""

    def test_tells_who_did_what_and_why(
        self, data: Path, versions: tuple[int, int], capsys: Captured
    ) -> None:
        """A row a version, the newest first."""
        out = printed(data, capsys, "flag", "history", "new-checkout", "--limit", "2")

        newest, before = out.splitlines()[1:]
        assert newest.split()[0] == str(versions[1])
        assert "turned off" in newest
        assert newest.rstrip().endswith("It broke")
        assert "turned on" in before

    def test_follows_the_cursor(self, data: Path, capsys: Captured) -> None:
        """Without a limit the list is whole: it ends where the flag was made."""
        found = asked(data, capsys, "flag", "history", "new-checkout")

        assert found["items"][-1]["action"] == "flag.created"

    def test_a_limit_is_at_least_one(self, data: Path) -> None:
        """None would be no question."""
        assert run(["flag", "history", "new-checkout", "--limit", "0"]) == MISUSED


class TestDiff:
    """`pennon flag diff`."""

    def test_shows_the_newest_change(
        self, data: Path, versions: tuple[int, int], capsys: Captured
    ) -> None:
        """A line a difference, after the two versions."""
        out = printed(data, capsys, "flag", "diff", "new-checkout")

        assert out.splitlines() == [
            f"new-checkout in shop/production, version {versions[0]} to version {versions[1]}",
            "  ~ enabled: true → false",
        ]

    def test_of_a_version_with_itself_is_nothing(
        self, data: Path, versions: tuple[int, int], capsys: Captured
    ) -> None:
        """It says so, since no line could mean anything."""
        one = str(versions[0])

        assert "nothing is different" in printed(
            data, capsys, "flag", "diff", "new-checkout", one, one
        )

    def test_tells_what_came_and_went(self, data: Path, capsys: Captured) -> None:
        """Rules by their ids, and whole: what was deleted is nothing."""
        first = asked(data, capsys, "flag", "history", "loyalty-program")["items"][-1]["version"]
        newest = asked(data, capsys, "flag", "history", "loyalty-program")["items"][0]["version"]
        out = printed(data, capsys, "flag", "diff", "loyalty-program", str(newest), str(first))

        assert '  - rules["' in out
        assert "  ~ enabled: true → false" in out


class TestRollback:
    """`pennon flag rollback`."""

    def test_serves_again_whom_it_served(
        self, data: Path, versions: tuple[int, int], capsys: Captured
    ) -> None:
        """It names the version that it went back to, and the one that it took."""
        out = printed(data, capsys, "flag", "rollback", "new-checkout", str(versions[0]))
        flag = asked(data, capsys, "flag", "show", "new-checkout")

        assert flag["enabled"] is True
        assert out.splitlines()[0] == (
            "new-checkout serves in shop/production whom it served at version "
            f"{versions[0]}, since version {versions[1] + 1}."
        )
        assert f"/versions/{versions[1] + 1}/propagation" in out

    def test_to_a_version_that_is_not_there_fails(self, data: Path, capsys: Captured) -> None:
        """The origin's own words are shown."""
        code = run(["flag", "rollback", "new-checkout", "999999", "--data", str(data)])

        assert code == FAILED
        assert "There is no version '999999'." in capsys.readouterr().err


class TestEvalAt:
    """`pennon eval --at`."""

    def test_serves_what_was_served_then(
        self, data: Path, versions: tuple[int, int], capsys: Captured
    ) -> None:
        """Whatever happened since."""
        values = [
            asked(data, capsys, "eval", "new-checkout", "--user", "ada", "--at", str(version))
            for version in versions
        ]

        assert [one["value"] for one in values] == [True, False]

    def test_takes_a_time_as_well(
        self, data: Path, versions: tuple[int, int], capsys: Captured
    ) -> None:
        """The last version made by then, which it names."""
        out = printed(data, capsys, "eval", "new-checkout", "--at", "9999-01-01T00:00Z")

        assert f"from        shop/production at version {versions[1]}" in out

    @pytest.mark.parametrize("at", ["999999", "2001-01-01T00:00Z"])
    def test_fails_where_there_was_nothing(self, at: str, data: Path, capsys: Captured) -> None:
        """The origin's own words are shown."""
        code = run(["eval", "new-checkout", "--at", at, "--data", str(data)])

        assert code == FAILED
        assert "There is no version" in capsys.readouterr().err

    def test_a_time_needs_its_offset(self, data: Path, capsys: Captured) -> None:
        """The origin says so."""
        code = run(["eval", "new-checkout", "--at", "2026-11-20T12:00", "--data", str(data)])

        assert code == FAILED
        assert "?at: expected a time with its offset" in capsys.readouterr().err

    def test_a_file_has_no_past(self, tmp_path: Path, capsys: Captured) -> None:
        """It holds one moment."""
        code = run(["eval", "x", "--at", "1", "--datafile", str(tmp_path / "flags.json")])

        assert code == MISUSED
        assert capsys.readouterr().err.startswith("pennon: --at: expected no --datafile")

    def test_says_what_is_missing(self, tmp_path: Path, capsys: Captured) -> None:
        """The origin needs a token, and an environment."""
        code = run(["eval", "x", "--at", "1", "--data", str(tmp_path)])

        err = capsys.readouterr().err
        assert code == MISUSED
        assert "--key: is needed" in err
        assert "--environment: is needed" in err
