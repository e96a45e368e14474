"""The benchmark of counting runs."""

from __future__ import annotations

import pytest

from benchmarks.collector.__main__ import main


class TestCollectorBenchmark:
    def test_it_runs(self, capsys: pytest.CaptureFixture[str]) -> None:
        """It prints what counting costs beside its aims; no time is asserted."""
        main(["--quick"])

        assert "with counting" in capsys.readouterr().out
