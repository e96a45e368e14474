"""A few seconds of mutated requests, sent to a real edge and to a real `pennon up`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.fuzz.wire.nodes import Target, a_fuzzed_pair
from tests.fuzz.wire.run import Fuzz

pytestmark = pytest.mark.timeout(180)

SEED = 20261122


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Target, Target]]:
    """An edge, and what it follows."""
    with a_fuzzed_pair(tmp_path_factory.mktemp("wire")) as pair:
        yield pair


def fuzzed(target: Target, count: int) -> Fuzz:
    """Return the fuzz that has sent *target* so many cases."""
    fuzz = Fuzz(target.port, target.keys, target.stream, SEED, ours=target.ours)
    asyncio.run(fuzz.run(0, count))
    return fuzz


class TestWire:
    def test_an_edge(self, targets: tuple[Target, Target]) -> None:
        """Nothing that is sent to it is answered 5xx, hangs, is misread, or harms what follows."""
        tally = fuzzed(targets[0], 300).tally

        assert tally.wrong == []
        assert {200, 400, 404, 408} <= tally.statuses.keys()

    def test_a_crowd(self, targets: tuple[Target, Target]) -> None:
        """Hundreds that are half way through, or read nothing, keep nobody from being answered."""
        fuzz = fuzzed(targets[0], 0)
        asyncio.run(fuzz.crowd(60))

        assert fuzz.tally.wrong == []

    def test_up(self, targets: tuple[Target, Target]) -> None:
        """Nor under another server, whose framing is its own."""
        assert fuzzed(targets[1], 60).tally.wrong == []

    def test_repeats(self, targets: tuple[Target, Target]) -> None:
        """A case can be made again from its seed and number."""
        first, again = fuzzed(targets[0], 0), fuzzed(targets[0], 0)

        assert [first.case(n) for n in range(50)] == [again.case(n) for n in range(50)]
