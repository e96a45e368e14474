"""What is remembered of exposures: no longer than the window, no more than there is room for."""

from __future__ import annotations

import random
import sys
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from pennon.relay.exposed import FALSE_DROPS, HASH_BITS, MOST, Exposed, identity_of

WINDOW = 60.0


def told_of(exposed: Exposed, identity: int) -> bool:
    """Return whether an exposure is told, which it then is remembered for."""
    if identity in exposed:
        return False
    exposed.add(identity)
    return True


class TestExposed:
    @given(
        st.lists(st.tuples(st.integers(0, 12), st.floats(0, WINDOW * 0.9)), max_size=200),
        st.integers(1, 20),
    )
    def test_never_dropped_wrongly(self, seen: list[tuple[int, float]], most: int) -> None:
        """What is not told was told within the window, whatever comes and however little room."""
        exposed, now, told = Exposed(WINDOW, 0.0, most=most), 0.0, dict[int, float]()
        for identity, later in seen:
            now += later
            exposed.tick(now)
            if told_of(exposed, identity):
                told[identity] = now
            else:
                assert now - told[identity] <= WINDOW

    @given(st.lists(st.integers(), max_size=300), st.integers(1, 40))
    def test_bounded(self, seen: list[int], most: int) -> None:
        """It holds no more than it is told, and one of each set at least."""
        exposed = Exposed(WINDOW, 0.0, most=most)
        for identity in seen:
            told_of(exposed, identity)

            assert len(exposed) <= max(2, most)

    @given(st.sets(st.integers(), max_size=50))
    def test_each_once(self, seen: set[int]) -> None:
        """With room for all, each is told once in half a window."""
        exposed = Exposed(WINDOW, 0.0, most=200)
        for identity in seen:
            assert told_of(exposed, identity)
        exposed.tick(WINDOW / 2)

        assert not any(told_of(exposed, identity) for identity in seen)

    def test_long_silence(self) -> None:
        """A clock that was not looked at for long forgets all."""
        exposed = Exposed(WINDOW, 0.0)
        told_of(exposed, 1)
        exposed.tick(1_000 * WINDOW)

        assert told_of(exposed, 1)

    def test_memory(self) -> None:
        """Full, it takes about as many bytes as its page says."""
        tracemalloc.start()
        exposed = Exposed(WINDOW, 0.0)
        for number in range(MOST):
            told_of(exposed, identity_of("shop/production", "f", 1, "on", "user", str(number)))
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()

        assert len(exposed) == MOST
        assert held < 10_000_000


class TestIdentity:
    def test_collisions(self) -> None:
        """With 24 of the bits that are relied on, as many are taken for another as chance says."""
        assert sys.hash_info.width >= HASH_BITS
        assert MOST / 2**HASH_BITS == FALSE_DROPS
        mask, known, taken = 2**24 - 1, set[int](), 0
        for number in range(20_000):
            identity = identity_of("shop/production", "f", 1, "on", "user", f"user-{number}")
            taken += (identity & mask) in known
            known.add(identity & mask)

        assert taken < 60  # 12 are expected

    def test_each_part_counts(self) -> None:
        """Nothing of what an exposure is known by is taken for something else."""
        chance, seen = random.Random(1), set[int]()
        parts = [(e, f, v, n, k, u) for e in "ab" for f in "ab" for v in (1, 2) for n in "ab"
                 for k in "ab" for u in "ab"]  # fmt: skip
        chance.shuffle(parts)
        seen = {identity_of(*part) for part in parts}

        assert len(seen) == len(parts)
