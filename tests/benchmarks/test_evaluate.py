from __future__ import annotations

import pytest

from benchmarks.evaluate.__main__ import main


class TestEvaluateBenchmark:
    def test_it_runs_and_every_engine_answers_right(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The benchmark checks answers before it measures; no time is asserted."""
        main(["--quick"])

        assert "three rules of two clauses" in capsys.readouterr().out
