"""What every test of the command line starts from."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without the settings that the developer's own shell may hold."""
    for name in os.environ:
        if name.startswith("PENNON_") or name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"):
            monkeypatch.delenv(name)
