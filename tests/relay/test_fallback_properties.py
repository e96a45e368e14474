"""Whatever L3 and a parent say, in whatever order, a node never goes back."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from pennon.kv.base import MemoryKv
from pennon.kv.datafiles import Datafiles
from pennon.model.messages import Change, Message, Snapshot
from pennon.model.position import ACCESS, Position
from pennon.relay.fallback import KvFallback
from pennon.relay.replicas import Replicas
from tests.builders.relay import SHOP, a_change, a_heartbeat, a_snapshot, some_flags

_places = st.tuples(st.integers(1, 6), st.integers(1, 2))
"""Versions and epochs, so few that they meet."""


def _snapshot(place: tuple[int, int]) -> Snapshot:
    version, epoch = place
    return a_snapshot(version, some_flags(version), epoch=epoch, shrink_allowed=True)


def _change(place: tuple[int, int]) -> Change:
    version, epoch = place
    return a_change(version, f"flag-{version - 1}", epoch=epoch)


_parent_says = st.one_of(
    st.builds(_snapshot, _places),
    st.builds(_change, _places),
    st.builds(lambda place: a_heartbeat(place[0], epoch=place[1]), _places),
)
_l3_holds = st.builds(lambda place: ("l3", _snapshot(place)), _places)


class TestPositions:
    @given(st.lists(_parent_says | _l3_holds, max_size=25))
    def test_never_go_back(self, steps: list[Message | tuple[str, Snapshot]]) -> None:
        """Each step leaves the node where it was or further; L3 alone is enough to get on."""
        asyncio.run(_play(steps))


async def _play(steps: list[Message | tuple[str, Snapshot]]) -> None:
    replicas, values = Replicas(), MemoryKv()
    store = Datafiles(values)
    fallback = KvFallback(
        store, replicas, lambda: frozenset({ACCESS, SHOP}), lambda environment: True
    )
    replica = replicas.open(SHOP)
    held: list[Position] = []
    for step in steps:
        if isinstance(step, tuple):
            values.values.clear()  # an L3 that was wiped, and refilled with something older
            await store.save(step[1])
            await fallback.look()
            assert replica.position is not None
            assert replica.position >= step[1].position
        else:
            replicas.take(step)
        if replica.position is not None:
            held.append(replica.position)

    assert held == sorted(held)
