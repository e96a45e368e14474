"""`pennon flag list`, `target` and `copy` against a real `pennon up`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from tests.tree.processes import Process

Captured = pytest.CaptureFixture[str]
FLAG = "new-checkout"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs, with the sample in it."""
    folder = tmp_path_factory.mktemp("up")
    with Process(["up", "--port", "0", "--data", str(folder)], folder / "log") as process:
        process.until_ready()
        yield folder


def asked(data: Path, capsys: Captured, *arguments: str) -> Any:
    """Return what a `pennon flag` command prints as JSON."""
    code = run(["flag", *arguments, "--data", str(data), "--json"])
    captured = capsys.readouterr()
    assert code == DONE, captured.err
    return json.loads(captured.out)


def keys(data: Path, capsys: Captured, *arguments: str) -> list[str]:
    """Return the keys of the flags that a list shows."""
    return [flag["key"] for flag in asked(data, capsys, "list", *arguments)["items"]]


class TestList:
    """`pennon flag list`."""

    def test_shows_what_meets_all_that_is_said(self, data: Path, capsys: Captured) -> None:
        """Each option keeps fewer flags."""
        flags = asked(data, capsys, "list")["items"]
        tagged = [flag for flag in flags if flag["tags"]]
        one = tagged[0]
        meant = ["--type", one["type"], "--tag", one["tags"][0]]
        state = "on" if one["enabled"] else "off"

        found = keys(data, capsys, *meant, "--state", state, "--no-temporary", "--q", one["key"])

        assert found == [one["key"]]

    def test_is_in_the_order_asked_for(self, data: Path, capsys: Captured) -> None:
        """A minus sign, which begins no option here, turns it round."""
        assert keys(data, capsys, "--sort", "-key") == keys(data, capsys)[::-1]

    def test_says_that_nothing_matches(self, data: Path, capsys: Captured) -> None:
        """A filter that finds nothing is no empty environment."""
        run(["flag", "list", "--owner", "nobody", "--data", str(data)])

        assert capsys.readouterr().out == "No flag of shop/production matches.\n"

    def test_a_choice_that_is_not_there_is_misuse(self, data: Path, capsys: Captured) -> None:
        """The error names those that are."""
        code = run(["flag", "list", "--state", "maybe", "--data", str(data)])

        assert code == MISUSED
        assert '"on", "off", "archived"' in capsys.readouterr().err


class TestTarget:
    """`pennon flag target`."""

    def test_adds_and_removes_keys(self, data: Path, capsys: Captured) -> None:
        """Others that are there stay."""
        asked(data, capsys, "target", FLAG, "on", "ada", "grace", "--kind", "device")
        left = asked(data, capsys, "target", FLAG, "on", "ada", "--kind", "device", "--remove")

        assert {"variation": "on", "kind": "device", "keys": ["grace"]} in left["targets"]

    def test_prints_whom_the_flag_targets_now(self, data: Path, capsys: Captured) -> None:
        """With the address that says who has it."""
        code = run(["flag", "target", FLAG, "on", "robot", "--kind", "bot", "--data", str(data)])

        out = capsys.readouterr().out
        assert code == DONE
        assert "  bot robot → on\n" in out
        assert "/propagation" in out

    def test_an_unknown_variation_fails(self, data: Path, capsys: Captured) -> None:
        """The error names the instruction and the variations that there are."""
        code = run(["flag", "target", FLAG, "maybe", "ada", "--data", str(data)])

        assert code == FAILED
        assert "$.instructions[0].variation: expected one of" in capsys.readouterr().err


class TestCopy:
    """`pennon flag copy`."""

    @pytest.fixture
    def copying(self, data: Path, capsys: Captured) -> list[str]:
        """The arguments that copy a flag, which serves others there."""
        switched = asked(data, capsys, "show", FLAG)["enabled"]
        asked(data, capsys, "off" if switched else "on", FLAG, "-e", "staging")
        return ["flag", "copy", FLAG, "--from", "staging", "--to", "production"]

    def test_shows_the_difference_and_asks(
        self,
        data: Path,
        copying: list[str],
        capsys: Captured,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What is agreed to is done, and told with its version."""
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
        code = run([*copying, "--include", "enabled", "--data", str(data)])

        captured = capsys.readouterr()
        found = asked(data, capsys, "show", FLAG)
        there = asked(data, capsys, "show", FLAG, "-e", "staging")
        assert code == DONE
        assert "~ enabled: " in captured.out
        assert captured.err == "Copy this to shop/production? [y/N] "
        assert f"since version {found['version']}." in captured.out
        assert found["enabled"] is there["enabled"]

    @pytest.mark.parametrize("answer", ["n\n", "\n", ""])
    def test_whatever_is_no_yes_copies_nothing(
        self,
        data: Path,
        copying: list[str],
        answer: str,
        capsys: Captured,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Also where nobody is there to answer."""
        before = asked(data, capsys, "show", FLAG)
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        code = run([*copying, "--data", str(data)])

        captured = capsys.readouterr()
        assert code == FAILED
        assert captured.err.endswith("pennon: Nothing was copied.\n")
        assert asked(data, capsys, "show", FLAG) == before

    def test_a_program_sees_before_it_copies(
        self, data: Path, copying: list[str], capsys: Captured
    ) -> None:
        """`--json` copies nothing without `--yes`; then nothing is different any more."""
        applied = []
        for more in ([], ["--yes"], ["--yes"]):
            copied = asked(data, capsys, *copying[1:], *more)
            applied.append((copied["applied"], bool(copied["diff"])))

        assert applied == [(False, True), (True, True), (False, False)]
