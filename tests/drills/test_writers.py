from __future__ import annotations

import asyncio

import pytest

from pennon.origin.database_address import Backend
from tests.drills.counting import misstep
from tests.drills.places import a_place, backends
from tests.drills.writers import drill

SEED = 20_261_122
SECONDS = 2.0


class TestWriters:
    @pytest.mark.parametrize("backend", backends())
    def test_lose_nothing_and_are_followed_in_order(self, backend: Backend) -> None:
        """Forty write at once; every version is one step of one number."""
        with a_place(backend) as (_, url):
            outcome = asyncio.run(drill(url, SECONDS, SEED))

        assert outcome.wrong == []
        assert outcome.seen >= outcome.own + outcome.shared


class TestMisstep:
    """Proof that the follower would see what is wrong."""

    def test_one_step_is_right(self) -> None:
        """One number grows by one."""

        assert misstep({"a": 1, "b": 4}, {"a": 2, "b": 4}) is None

    @pytest.mark.parametrize(
        "after",
        [
            {"a": 1, "b": 4},
            {"a": 3, "b": 4},
            {"a": 2, "b": 3},
            {"a": 2, "b": 5},
            {"a": 2},
        ],
        ids=["nothing moved", "one left out", "one taken back", "two at once", "one gone"],
    )
    def test_anything_else_is_wrong(self, after: dict[str, int]) -> None:
        """A lost update takes a number back; a gap leaves one out."""

        assert misstep({"a": 1, "b": 4}, after) is not None
