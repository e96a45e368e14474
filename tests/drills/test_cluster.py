"""The cluster drill, in its short form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.postgres import MISSING, binaries
from tests.drills.cluster import Size, drill

SEED = 20_261_122


@pytest.mark.skipif(binaries() is None, reason=MISSING)
@pytest.mark.timeout(300)
def test_no_evaluation_fails_whatever_dies(tmp_path: Path) -> None:
    """Each part is killed once and comes back; in the end all nodes hold the same."""
    outcome = drill(tmp_path, Size(1, 2, 1, 2), 1.0, SEED)

    assert outcome.wrong == []
    assert len(outcome.killed) == 1 + 1 + 2 + 1 + 2
    assert min(outcome.changes, outcome.evaluations) > 0
