"""The load drill, in its short form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drills.load import drill

SEED = 20_261_122
SECONDS = 8.0


@pytest.mark.timeout(180)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_an_edge_answers_and_does_not_grow(tmp_path: Path) -> None:
    """Whatever is asked is answered rightly while flags change, and memory stays."""
    outcome = drill(tmp_path, SECONDS, SEED)

    assert outcome.wrong == []
    assert outcome.changes > 0
    assert {"single", "bulk", "bootstrap", "malformed"} <= {*outcome.asked}
    assert {"stream", "refused", "events"} <= {*outcome.asked}
