from __future__ import annotations

import asyncio

import pytest

from pennon.origin.database_address import Backend
from tests.drills.kills import drill
from tests.drills.places import a_place, backends

SEED = 20_261_122
KILLS = 3


class TestKills:
    @pytest.mark.parametrize("backend", backends())
    def test_leave_nothing_half_done(self, backend: Backend) -> None:
        """Rows, items, versions and audit agree; what was answered is there; followers converge."""
        with a_place(backend) as (folder, url):
            outcome = asyncio.run(drill(backend, folder, url, KILLS, SEED))

        assert outcome.wrong == []
        assert outcome.converged == KILLS
