"""Bodies that are packed, and what hides in them."""

from __future__ import annotations

import gzip

import msgspec
import pytest
import zstandard

from pennon.errors import BadInput
from pennon.relay.postbox import packed_with
from pennon.web.handler import Request
from pennon.web.packing import MOST_BYTES, encoding_of, pack, unpack, unpacked
from pennon.web.problem import HttpError
from tests.builders.events import a_batch, a_count

BATCH = a_batch(*(a_count(n + 1, f"flag-{n}") for n in range(100)))
ZSTD = zstandard.ZstdCompressor()


class TestPacking:
    def test_round_trip(self) -> None:
        """What is packed is smaller, and the same when it is unpacked."""
        assert len(pack(BATCH)) < 2_000
        assert unpack(pack(BATCH)) == BATCH

    def test_of_other_versions(self) -> None:
        """A batch that lies gzipped on a disk is known for what it is."""
        data = gzip.compress(msgspec.json.encode(BATCH))

        assert (packed_with(data), packed_with(pack(BATCH))) == ("gzip", "zstd")
        assert unpack(data, packed_with(data)) == BATCH

    @pytest.mark.parametrize(
        ("encoding", "data"),
        [
            ("zstd", b""),
            ("zstd", b"{}"),
            ("zstd", pack(BATCH)[:-9]),
            ("zstd", ZSTD.compress(b"{}")),
            ("zstd", ZSTD.compress(bytes(200 * MOST_BYTES))),
            ("zstd", zstandard.ZstdCompressor(level=22).compress(bytes(10 * MOST_BYTES))),
            ("gzip", b""),
            ("gzip", b"{}"),
            ("gzip", gzip.compress(b"{}", mtime=0)),
            ("gzip", gzip.compress(b" " * (MOST_BYTES + 1), mtime=0)),
            ("gzip", gzip.compress(msgspec.json.encode(BATCH), mtime=0)[:-9]),
        ],
        ids=lambda value: value if isinstance(value, str) else str(len(value)),
    )
    def test_refused(self, encoding: str, data: bytes) -> None:
        """What is no batch, is cut off, or would fill the memory is bad input."""
        with pytest.raises(BadInput):
            unpack(data, encoding)

    @pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
    def test_just_fits(self, encoding: str) -> None:
        """A body may have as many bytes as are said, and no more."""
        pack_it = {"identity": bytes, "gzip": gzip.compress, "zstd": ZSTD.compress}[encoding]

        assert unpacked(pack_it(b"x" * 10), encoding, 10) == b"x" * 10  # type: ignore[operator]  # each packs bytes
        with pytest.raises(BadInput):
            unpacked(pack_it(b"x" * 11), encoding, 10)  # type: ignore[operator]  # each packs bytes

    @pytest.mark.parametrize("said", ["br", "gzip, zstd"])
    def test_other_encodings(self, said: str) -> None:
        """What cannot be unpacked is refused by its name."""
        with pytest.raises(HttpError, match=said):
            encoding_of(Request(method="POST", path="/", headers={"content-encoding": said}))
