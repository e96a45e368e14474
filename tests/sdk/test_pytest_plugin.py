"""The fixture that pytest finds in applications' tests, as the project's metadata names it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[2] / "pyproject.toml"
TESTS: Final = """
import sys


def test_not_imported_for_nothing():
    assert "pennon.testing" not in sys.modules


def test_flags(pennon_flags):
    pennon_flags.set("new-checkout", True)

    assert pennon_flags.boolean("new-checkout")


def test_begins_anew(pennon_flags):
    assert not pennon_flags.boolean("new-checkout")
"""


def test_fixture(tmp_path: Path) -> None:
    """Each test has flags of its own, and one that wants none imports nothing."""
    named = tomllib.loads(PROJECT.read_text())["project"]["entry-points"]["pytest11"]["pennon"]
    (tmp_path / "test_shop.py").write_text(TESTS)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", named, "-p", "no:cacheprovider", tmp_path],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert "3 passed" in ran.stdout, ran.stdout + ran.stderr
