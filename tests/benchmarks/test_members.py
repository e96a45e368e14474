"""The benchmark of external segments runs."""

from __future__ import annotations

import pytest

from benchmarks.members.__main__ import main


class TestMembersBenchmark:
    def test_it_runs(self, capsys: pytest.CaptureFixture[str]) -> None:
        """It prints what members cost in time and in memory; no time is asserted."""
        main(["--quick"])

        assert "for a member" in capsys.readouterr().out
