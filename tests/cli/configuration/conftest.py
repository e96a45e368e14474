"""A real `pennon up`, and a project of each test's own in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.cli.app import run
from tests.builders.shell import Captured, Shell
from tests.tree.processes import Process


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs, with the sample in it."""
    folder = tmp_path_factory.mktemp("up")
    with Process(["up", "--port", "0", "--data", str(folder)], folder / "log") as process:
        process.until_ready()
        yield folder


@pytest.fixture
def shell(data: Path, tmp_path: Path, request: pytest.FixtureRequest, capsys: Captured) -> Shell:
    """A copy of the sample in a project of its own, with its files."""
    name = request.node.name.replace("_", "-").replace("[", "-").strip("]")[:60].lower()
    project = "".join(letter for letter in name if letter.isalnum() or letter == "-")
    stream = tmp_path / "sample.yaml"
    run(["export", "shop", "--to", "-", "--data", str(data)])
    stream.write_text(capsys.readouterr().out)
    run(["apply", str(stream), "-p", project, "--yes", "--data", str(data)])
    capsys.readouterr()
    shell = Shell(data, tmp_path, project, capsys)
    shell.export()
    return shell
