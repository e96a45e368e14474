"""The benchmark of the worker runs."""

from __future__ import annotations

import pytest

from benchmarks.worker.__main__ import main
from tests.builders.workerd import WORKERD


class TestBenchmark:
    @pytest.mark.skipif(not WORKERD.is_file(), reason="needs what `npm ci` installs on Linux")
    def test_runs(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A smoke run says how fast changes arrive, and what answers take."""
        main(["--quick"])

        printed = capsys.readouterr().out
        assert "through the hub" in printed
        assert "all of 100 flags" in printed
