"""Runs `pennon export` and `pennon apply` in a folder, as somebody at a shell does."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from pennon.cli.app import DONE, run

Captured = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    """A terminal at which somebody has typed an answer."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


class Shell:
    """Runs `pennon` in a folder, on a project of the test's own."""

    def __init__(self, data: Path, folder: Path, project: str, capsys: Captured) -> None:
        self.data, self.folder, self.project, self.capsys = data, folder, project, capsys
        self.files = folder / "pennon"

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Return the exit code, and what was printed where."""
        code = run([*arguments, "--data", str(self.data)])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def export(self, *options: str) -> dict[str, list[str]]:
        """Export the project into the files, and return what became of each."""
        arguments = ["export", self.project, "--to", str(self.files), *options, "--json"]
        code, out, error = self.run(*arguments)
        assert code == DONE, error
        found: dict[str, list[str]] = {
            kind: [str(Path(one).relative_to(self.files)) for one in paths]
            for kind, paths in json.loads(out).items()
        }
        return found

    def apply(self, *options: str) -> tuple[int, str, str]:
        """Apply the files."""
        return self.run("apply", str(self.files), *options)

    def flag(self, key: str, environment: str = "production") -> Any:
        """Return a flag as the origin has it."""
        where = ["-p", self.project, "-e", environment, "--json"]
        return json.loads(self.run("flag", "show", key, *where)[1])

    def write(self, key: str, text: str) -> Path:
        """Write a flag's file."""
        path = self.files / "flags" / f"{key}.yaml"
        path.write_text(f"flag: {key}\n{text}")
        return path
