"""What came of a simulation is told honestly: a PoP that is missing is never averaged away."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pennon.simulate.orders import Notes
from pennon.simulate.report import Result, Spread, spreads_of, verdict_text
from pennon.simulate.scenario import Region

EU = Region("eu", 3, expect_p99_ms=100)


def notes(name: str, *took: int, region: str = "eu") -> Notes:
    """Return the notes of a PoP that applied versions 5, 6, … after so many ms."""
    return Notes(name, region, [(5 + n, ms) for n, ms in enumerate(took)], 1, 2)


def a_result(**changes: object) -> Result:
    """Return the result of a simulation in which all went well, but for *changes*."""
    good = Result("t", 1, 3, 1, 10, 0, 3072, (), (), (), 0.5)
    return replace(good, **changes)


class TestSpreads:
    """`spreads_of`."""

    def test_a_region_is_the_sum_of_its_pops(self) -> None:
        """Every application of every PoP counts once."""
        (spread,) = spreads_of([notes("a", 10, 20), notes("b", 30, 40)], [EU], frozenset(), 5)

        assert (spread.pops, spread.applied, spread.max_ms) == (2, 4, 40)
        assert (spread.p50_ms, spread.reconnects, spread.full_syncs) == (25.0, 2, 4)

    def test_the_disturbed_stand_apart(self) -> None:
        """What was done to a PoP on purpose says nothing about the others."""
        calm, rough = spreads_of([notes("a", 10), notes("b", 9000)], [EU], frozenset({"b"}), 5)

        assert (calm.max_ms, calm.kept) == (10, True)
        assert (rough.name, rough.max_ms, rough.kept) == ("eu, disturbed", 9000, True)

    def test_what_made_the_environment_does_not_count(self) -> None:
        """Versions before the first change are not measured."""
        (spread,) = spreads_of([notes("a", 500, 10)], [EU], frozenset(), 6)

        assert spread.max_ms == 10

    def test_a_silent_region_is_not_fast(self) -> None:
        """No application at all misses every expectation."""
        (spread,) = spreads_of([notes("a")], [EU], frozenset(), 5)

        assert (spread.p99_ms, spread.kept) == (None, False)


class TestVerdict:
    """`passed` and its words."""

    def test_all_well(self) -> None:
        """Every PoP holds what the origin holds and has said so."""
        assert a_result().passed
        assert "All 3 PoPs hold what the origin holds" in verdict_text(a_result()).plain

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"astray": ("eu-0001",)}, "1 of 3 PoPs astray: eu-0001"),
            ({"missing": ("eu-0002",)}, "1 of 3 PoPs without a receipt: eu-0002"),
            ({"changes": 0}, "0 changes"),
            ({"spreads": (Spread("eu", 3, 9, 1.0, 200.0, 300, expected_p99_ms=100.0),)}, ""),
        ],
    )
    def test_any_fault_fails_it(self, changes: dict[str, object], told: str) -> None:
        """And is named."""
        result = a_result(**changes)

        assert not result.passed
        assert told in verdict_text(result).plain
