"""The benchmark of the SDK runs, and measures right answers only."""

from __future__ import annotations

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("It counts CPU and pins processes as Linux does.", allow_module_level=True)

from benchmarks.sdk.__main__ import main


def test_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Its parts print their figures beside the bars; no time is asserted."""
    main(["--quick"])
    printed = capsys.readouterr().out

    for told in ("To import", "first true answer", "boolean(flag, Context)"):
        assert told in printed
