from __future__ import annotations

import pytest

from benchmarks.scale.__main__ import main


class TestScaleBenchmark:
    def test_it_runs_and_every_engine_answers_alike(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The benchmark checks answers before it reports; no time is asserted."""
        main(["--quick"])

        assert "first evaluation of each" in capsys.readouterr().out
