"""Bodies as they travel: packed with zstd or gzip, and never larger than is said once unpacked."""

from __future__ import annotations

import io
import zlib
from typing import Final

import msgspec
import zstandard

from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.events import EventBatch
from pennon.relay.postbox import ZSTD
from pennon.web.handler import Request
from pennon.web.problem import HttpError

MOST_BYTES: Final = 4 * 1024 * 1024
"""How large a batch may be once it is unpacked."""

PLAIN: Final = "identity"
_GZIP: Final = 31
# What a packer may ask to be kept in memory while it is unpacked.
_WINDOW: Final = 8 * 1024 * 1024
_encode = msgspec.json.Encoder().encode


def encoding_of(request: Request) -> str:
    """Return how the body is packed: zstd, gzip or not at all. Raises HttpError 415."""
    encoding = request.headers.get("content-encoding", "").strip().lower() or PLAIN
    if encoding not in (ZSTD, "gzip", PLAIN):
        raise HttpError(415, f"Expected zstd or gzip as Content-Encoding, got {encoding!r}.")
    return encoding


def unpacked(data: bytes, encoding: str, most: int = MOST_BYTES) -> bytes:
    """Return *data* as it was. Raises BadInput when it is not packed so, cut off or too large."""
    if encoding == PLAIN:
        plain, whole = data, True
    else:
        try:
            plain, whole = (_unzstd if encoding == ZSTD else _unzip)(data, most)
        except (zlib.error, zstandard.ZstdError):
            raise BadInput.at(
                "$", f"expected a body that is packed with {encoding}, as its header says"
            ) from None
    if len(plain) > most or not whole:
        raise BadInput.at("$", f"expected a whole body of at most {most} bytes, unpacked")
    return plain


def pack(batch: EventBatch) -> bytes:
    """Return a batch as it travels and is kept: JSON, packed with zstd."""
    return zstandard.ZstdCompressor(level=3).compress(_encode(batch))


def unpack(data: bytes, encoding: str = ZSTD) -> EventBatch:
    """Read a batch. Raises BadInput when it is none, or is too large once it is unpacked."""
    return decode(unpacked(data, encoding), EventBatch)


def _unzip(data: bytes, most: int) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(wbits=_GZIP)
    plain = unpacker.decompress(data, most + 1)
    return plain, unpacker.eof


def _unzstd(data: bytes, most: int) -> tuple[bytes, bool]:
    # Read and not decompressed at one go: that would believe the size that the frame claims.
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    with unpacker.stream_reader(io.BytesIO(data)) as reader:
        plain = reader.read(most + 1)
    return plain, bool(plain)
