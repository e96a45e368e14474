"""A bundle is what is left when there is nothing else, and never hides what is newer."""

from __future__ import annotations

import pytest

from pennon.kv.base import MemoryKv
from pennon.kv.bundled import Bundled
from pennon.kv.datafiles import Datafiles
from tests.builders.relay import SHOP, a_snapshot


class TestBundled:
    """`load` and `save`."""

    @pytest.mark.parametrize(
        ("own", "shipped", "loaded"), [(None, 3, 3), (5, 3, 5), (2, 3, 3), (5, None, 5)]
    )
    async def test_the_newest_is_loaded(
        self, own: int | None, shipped: int | None, loaded: int
    ) -> None:
        """A node that ran for long has newer ones than it was shipped with, and vice versa."""
        store, bundle = Datafiles(MemoryKv()), Datafiles(MemoryKv())
        for kept, version in ((store, own), (bundle, shipped)):
            if version is not None:
                await kept.save(a_snapshot(version))
        snapshot = await Bundled(store, bundle).load(SHOP)

        assert snapshot is not None
        assert snapshot.position.version == loaded

    async def test_nothing_anywhere(self) -> None:
        """Is nothing."""
        assert await Bundled(Datafiles(MemoryKv()), Datafiles(MemoryKv())).load(SHOP) is None

    async def test_the_bundle_stays_as_it_was_shipped(self) -> None:
        """It may be part of an image that is only read."""
        store, shipped = MemoryKv(), MemoryKv()
        await Bundled(Datafiles(store), Datafiles(shipped)).save(a_snapshot(4))

        assert (len(store.values), len(shipped.values)) == (1, 0)

    async def test_a_rotten_bundle_is_not_trusted(self) -> None:
        """What the node has itself is served."""
        store, rotten = MemoryKv(), MemoryKv()
        await Datafiles(store).save(a_snapshot(1))
        await Datafiles(rotten).save(a_snapshot(9))
        rotten.values = {name: value[:-1] for name, value in rotten.values.items()}
        snapshot = await Bundled(Datafiles(store), Datafiles(rotten)).load(SHOP)

        assert snapshot is not None
        assert snapshot.position.version == 1
