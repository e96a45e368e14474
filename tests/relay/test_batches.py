"""Counts as they travel."""

from __future__ import annotations

import secrets
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pennon.model.batch_names import name_of
from pennon.model.events import MOST_COUNTS, MOST_ENVIRONMENTS, EventBatch
from pennon.relay.batches import batches_of, outcomes_of
from pennon.relay.tally import Outcome
from pennon.web.packing import pack, unpack
from tests.builders.events import a_batch


def cut(counted: dict[str, Counter[Outcome]]) -> list[EventBatch]:
    return [*batches_of(counted, node="edge-1", at=5, random=secrets.token_bytes)]


def many(count: int) -> Counter[Outcome]:
    """Return that many outcomes, one evaluation each."""
    return Counter({Outcome(0, f"flag-{n}", "on", "OFF"): 1 for n in range(count)})


class TestBatches:
    @given(
        st.dictionaries(
            st.sampled_from(["shop/a", "shop/b", "shop/c"]),
            st.integers(0, MOST_COUNTS + 3),
            max_size=3,
        )
    )
    def test_hold_all(self, sizes: dict[str, int]) -> None:
        """However it is cut, each count is in one batch, and no batch is too large."""
        counted = {environment: many(size) for environment, size in sizes.items()}
        batches = cut(counted)
        held: dict[str, Counter[Outcome]] = {}
        for batch in batches:
            assert 0 < sum(map(len, batch.counts.values())) <= MOST_COUNTS
            for environment, counts in batch.counts.items():
                held.setdefault(environment, Counter()).update(outcomes_of(counts))

        assert held == {environment: some for environment, some in counted.items() if some}
        assert len({batch.id for batch in batches}) == len(batches)

    def test_environments(self) -> None:
        """A batch tells of no more environments than its reader takes."""
        batches = cut({f"shop/e{n}": many(1) for n in range(MOST_ENVIRONMENTS + 1)})

        assert [len(batch.counts) for batch in batches] == [MOST_ENVIRONMENTS, 1]
        assert [unpack(pack(batch)) for batch in batches] == batches

    def test_nothing(self) -> None:
        """Where nothing was counted there is nothing to send."""
        assert cut({}) == []

    def test_names(self) -> None:
        """Names sort by time."""
        assert name_of(a_batch(at=9)) < name_of(a_batch(at=10))
