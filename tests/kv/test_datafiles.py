"""Datafiles in a store: newest kept, and none trusted that is not whole and true."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import BadInput
from pennon.kv.base import Keep, Kv, MemoryKv
from pennon.kv.datafiles import Datafiles, pack, unpack
from pennon.kv.directory import DirectoryKv
from pennon.model.codec import encode_snapshot
from pennon.model.messages import Snapshot
from tests.builders.relay import SHOP, a_position, a_snapshot, some_flags

STAGING = "shop/staging"


class FullDisk:
    """A store that cannot be written, and cannot be read either."""

    async def get(self, name: str) -> bytes | None:
        raise OSError("I/O error")

    async def head(self, name: str) -> bytes | None:
        raise OSError("I/O error")

    async def put(self, name: str, value: bytes, *, unless: Keep) -> None:
        raise OSError("no space left on device")


@pytest.fixture(params=["memory", "directory"])
def kv(request: pytest.FixtureRequest, tmp_path: Path) -> Kv:
    """Every kind of store."""
    return MemoryKv() if request.param == "memory" else DirectoryKv(tmp_path)


def forge(envelope: bytes, *, position: str = "") -> bytes:
    """Return a value around *envelope* whose checksum is right, whatever it holds."""
    body = zstandard.ZstdCompressor().compress(envelope)
    head = f"pennon-datafile 1 {position or a_position(9)} {hashlib.sha256(body).hexdigest()}\n"
    return head.encode() + body


class TestKeeping:
    async def test_round_trip(self, kv: Kv) -> None:
        """What is saved is loaded, byte for byte."""
        snapshot = a_snapshot(3, {("flag", "odd"): b'{ "n" : 1.0 }'}, shrink_allowed=True)
        await Datafiles(kv).save(snapshot)

        assert await Datafiles(kv).load(SHOP) == snapshot

    async def test_nothing_kept(self, kv: Kv) -> None:
        """Nothing is nothing, and no fault."""
        store = Datafiles(kv)

        assert await store.load(SHOP) is None
        assert store.refused == 0

    async def test_position(self, kv: Kv) -> None:
        """Where a datafile stands is told without reading it; what is rotten is not whole."""
        store = Datafiles(kv)
        await store.save(a_snapshot(3, some_flags(100)))
        await kv.put(STAGING, pack(a_snapshot(5))[:-1], unless=lambda kept: False)
        await kv.put("shop/odd", b"no datafile", unless=lambda kept: False)
        names = [SHOP, STAGING, "shop/odd", "shop/nothing"]

        assert [await store.position(name) for name in names] == [
            a_position(3),
            a_position(5),
            None,
            None,
        ]
        assert await store.survey(names) == {SHOP: a_position(3)}

    @pytest.mark.parametrize(
        ("first", "second", "kept"),
        [
            (a_snapshot(2), a_snapshot(3), a_snapshot(3)),
            (a_snapshot(3), a_snapshot(2), a_snapshot(3)),
            (a_snapshot(9), a_snapshot(1, epoch=2), a_snapshot(1, epoch=2)),
            (a_snapshot(1, epoch=2), a_snapshot(9), a_snapshot(1, epoch=2)),
        ],
    )
    async def test_newest(self, kv: Kv, first: Snapshot, second: Snapshot, kept: Snapshot) -> None:
        """An older position never overwrites a newer one, whichever comes first."""
        store = Datafiles(kv)
        await store.save(first)
        await store.save(second)

        assert await store.load(SHOP) == kept

    async def test_same_position(self, kv: Kv) -> None:
        """At the same position the last one wins: it repaired a drift."""
        store = Datafiles(kv)
        await store.save(a_snapshot(3))
        await store.save(a_snapshot(3, some_flags(1)))

        assert await store.load(SHOP) == a_snapshot(3, some_flags(1))


class TestTrust:
    @given(st.data())
    def test_any_byte(self, data: st.DataObject) -> None:
        """Whichever bit rots, in the head or in the body, the value is refused."""
        value = bytearray(pack(a_snapshot(5, some_flags(3))))
        place = data.draw(st.integers(0, len(value) - 1))
        value[place] ^= 1 << data.draw(st.integers(0, 7))

        with pytest.raises(BadInput):
            unpack(bytes(value))

    def test_every_length(self) -> None:
        """Cut anywhere, it is refused."""
        value = pack(a_snapshot(5, some_flags(3)))

        for length in range(len(value)):
            with pytest.raises(BadInput):
                unpack(value[:length])

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"{}\n", id="something else"),
            pytest.param(b"pennon-datafile 2 x y\n", id="a later format"),
            pytest.param(forge(b"[]"), id="not an envelope"),
            pytest.param(forge(encode_snapshot(a_snapshot(8))), id="another position"),
            pytest.param(
                forge(encode_snapshot(a_snapshot(9, some_flags(2))).replace(b'-1"}', b'-7"}')),
                id="another digest",
            ),
        ],
    )
    async def test_refused_then_replaced(self, kv: Kv, value: bytes) -> None:
        """What cannot be trusted is counted, not served, and overwritten by what can."""
        await kv.put(SHOP, value, unless=lambda kept: False)
        store = Datafiles(kv)

        assert await store.load(SHOP) is None
        assert store.refused == 1
        await store.save(a_snapshot(9))

        assert await store.load(SHOP) == a_snapshot(9)
        assert store.refused == 1

    async def test_rotten_but_newer(self, kv: Kv) -> None:
        """A head that claims more than its bytes can prove does not keep a good one out."""
        await kv.put(SHOP, pack(a_snapshot(99))[:-1], unless=lambda kept: False)
        store = Datafiles(kv)
        await store.save(a_snapshot(3))

        assert await store.load(SHOP) == a_snapshot(3)

    async def test_another_environment(self) -> None:
        """A head line of 10 KB, or no text at all, is only a fault."""
        kv = MemoryKv()
        kv.values[SHOP] = b"\xff" * 10_000
        store = Datafiles(kv)

        assert await store.load(SHOP) is None


class TestDisk:
    async def test_full(self) -> None:
        """A write that fails is told to whoever asked for it; a read is only counted."""
        store = Datafiles(FullDisk())

        with pytest.raises(OSError, match="no space left"):
            await store.save(a_snapshot(1))
        assert await store.load(SHOP) is None
        assert store.refused == 1
