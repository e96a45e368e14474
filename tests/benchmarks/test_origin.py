from __future__ import annotations

import pytest

from benchmarks.origin.__main__ import main


class TestOriginBenchmark:
    def test_it_runs_and_everything_is_answered(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A request that fails ends it; no time is asserted."""
        main(["--quick", "--only", "sqlite"])

        assert "large: create a flag" in capsys.readouterr().out
