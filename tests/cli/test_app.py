"""The command tree as a whole: help, version, misuse, exit codes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from pennon.model.access import format_key

PENNON = [sys.executable, "-m", "pennon.cli"]


class TestHelp:
    """What teaches."""

    def test_no_command_shows_where_to_start(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The bare command is help with examples, not an error."""
        code = run([])

        assert code == DONE
        assert "pennon flag on new-checkout" in capsys.readouterr().out

    def test_every_option_names_its_variable(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The help of a command shows the environment variables."""
        monkeypatch.setenv("COLUMNS", "200")
        run(["edge", "--help"])

        assert "PENNON_IDLE_SECONDS" in capsys.readouterr().out

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The version is the distribution's."""
        run(["--version"])

        assert capsys.readouterr().out == f"pennon {version('pennon')}\n"


class TestMisuse:
    """What is asked for wrongly exits with 2 and says what was expected."""

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["flag", "onn"], 'Unknown command "onn". Did you mean "on"?'),
            (["up", "--prot", "1"], "Unknown option: --prot. Did you mean --port?"),
            (["edge"], "--parent is needed\n  See pennon edge --help"),
            (["up", "--port", "x"], "Invalid value for --port"),
            (["up", "--port", "99999"], "--port: expected 0 to 65535, got 99999"),
        ],
    )
    def test_says_what_is_wrong(
        self, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One line a fault on standard error, and nothing on standard output."""
        code = run(arguments)

        out, err = capsys.readouterr()
        assert code == MISUSED
        assert err.startswith(f"pennon: {message}")
        assert out == ""

    def test_tells_every_fault_at_once(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Nobody mends a command line one error at a time."""
        run(["edge", "--parent", "nowhere", "--key", "typo", "--lat", "91"])

        assert [line.split(":")[0].strip() for line in capsys.readouterr().err.splitlines()] == [
            "pennon",
            "--key",
            "--lat",
            "--lat",
        ]

    def test_names_a_variable_that_is_wrong(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A value from the environment is told apart from one on the line."""
        monkeypatch.setenv("PENNON_PORT", "tcp://10.0.0.1:8620")

        code = run(["up"])

        assert code == MISUSED
        assert "PENNON_PORT" in capsys.readouterr().err


class TestServing:
    """The commands that serve."""

    def test_a_port_that_is_taken_is_told(self, tmp_path: Path) -> None:
        """No traceback, but the option and the address."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            node = ["--parent", "http://127.0.0.1:1", "--key", format_key("relay", bytes(32))]
            ended = subprocess.run(
                [*PENNON, "edge", *node, "--port", port, "--data", str(tmp_path)],
                capture_output=True,
                text=True,
                timeout=60,
            )

        assert ended.returncode == MISUSED
        assert f"pennon: --port: cannot listen on 127.0.0.1:{port}" in ended.stderr
        assert ended.stdout == ""


class TestMigrate:
    """`pennon migrate`."""

    def test_makes_a_database_and_may_be_run_again(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The second run finds nothing to do."""
        data = tmp_path / "data"

        codes = [run(["migrate", "--data", str(data), "--json"]) for _ in range(2)]

        assert codes == [DONE, DONE]
        assert (data / "pennon.db").exists()
        assert json.loads(capsys.readouterr().out.splitlines()[0]) == {
            "database": f"sqlite:///{data}/pennon.db"
        }

    def test_a_database_that_cannot_be_opened_is_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """No traceback for a folder that does not exist."""
        code = run(["migrate", "--database", f"sqlite:///{tmp_path}/missing/pennon.db"])

        assert code == FAILED
        assert "cannot be opened" in capsys.readouterr().err


class TestCompletion:
    """`pennon completion`."""

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_prints_a_script_that_knows_the_commands(
        self, shell: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Every shell's script completes `migrate`."""
        code = run(["completion", "show", shell])

        assert code == DONE
        assert "migrate" in capsys.readouterr().out
