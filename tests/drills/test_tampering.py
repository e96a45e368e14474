from __future__ import annotations

import asyncio

import pytest

from pennon.origin.database_address import Backend
from tests.drills.places import a_place, backends
from tests.drills.tampering import drill

SEED = 20_261_122
TIMES = 3


class TestTampering:
    @pytest.mark.parametrize("backend", backends())
    def test_is_named_in_whatever_way_and_place(self, backend: Backend) -> None:
        """A byte, a record, two of them, the end; the last against the checkpoint alone."""
        with a_place(backend) as (_, url):
            outcome = asyncio.run(drill(url, TIMES, SEED))

        assert outcome.wrong == []
        assert sorted(outcome.named.values()) == [TIMES] * 5
