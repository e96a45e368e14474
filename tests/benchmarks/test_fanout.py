from __future__ import annotations

import pytest

from benchmarks.fanout.__main__ import main


class TestFanoutBenchmark:
    def test_it_runs_and_everything_arrives(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A push that does not arrive ends it; no time is asserted."""
        main(["--quick"])

        assert "answers: {'200': 50}" in capsys.readouterr().out
