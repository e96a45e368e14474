"""The benchmark of client streams runs."""

from __future__ import annotations

import pytest

from benchmarks.client_stream.__main__ import main


class TestBenchmark:
    def test_runs(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A smoke run says what a change costs, for many contexts and for few."""
        main(["--quick"])

        assert capsys.readouterr().out.count("CPU µs a page and change") == 2
