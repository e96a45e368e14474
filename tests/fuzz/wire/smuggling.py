"""Requests that two servers could read in two ways: each must be refused, and only once."""

from __future__ import annotations

from typing import Final

from tests.fuzz.chance import Chance
from tests.fuzz.wire.case import Case
from tests.fuzz.wire.requests import Sent

_LENGTHS: Final = (
    b"+4", b"-1", b"-0", b"0x4", b"4 4", b"4,4", b"4, 5", b"4_0", b"1e1", b"4.0", b"four",
    b"18446744073709551616", b"9" * 40, b"9" * 5000, b"\xb2", b"4;", b"",
)  # fmt: skip
_ENCODINGS: Final = (
    b"chunked, identity", b"xchunked", b"identity, chunked, gzip", b"chunked;a=b", b'"chunked"',
    b"gzip", b"chunked, gzip", b"chunked\x0b",
)  # fmt: skip
_CHUNKS: Final = (
    b"zz\r\nab\r\n0\r\n\r\n", b"-1\r\nab\r\n0\r\n\r\n", b"+2\r\nab\r\n0\r\n\r\n",
    b"0x2\r\nab\r\n0\r\n\r\n", b"fffffffffffffffff\r\nab", b"2\r\nabc\r\n0\r\n\r\n",
    b"2 2\r\nab\r\n0\r\n\r\n", b"\r\nab\r\n0\r\n\r\n", b"2\r\nab0\r\n\r\n",
)  # fmt: skip
_LINES: Final = (
    b"Host : x\r\n", b" folded\r\n", b": nameless\r\n", b"no colon\r\n", b"A\x00: b\r\n",
    b"A: b\x00c\r\n", b"A\r: b\r\n", b"A(: b\r\n", b"\xc3\xbc: b\r\n", b"A: b\rC: d\r\n",
)  # fmt: skip


def ambiguous(chance: Chance, sent: Sent, after: Sent) -> Case:
    """Return *sent* so that nobody can know where it ends, and *after* behind it."""
    name, data = chance.one((_length, _two_lengths, _both, _encoding, _chunk, _line))(chance, sent)
    # Whoever reads it in the wrong way answers what stands behind.
    return Case(name, (data + after.encode(),), answers=1, ambiguous=True)


def _length(chance: Chance, sent: Sent) -> tuple[str, bytes]:
    value = chance.one(_LENGTHS)
    one = sent.without(b"content-length").having(b"Content-Length", value)
    return f"a length of {value[:20]!r}", one.encode()


def _two_lengths(chance: Chance, sent: Sent) -> tuple[str, bytes]:
    length = len(sent.body)
    other = chance.one((length + 1, 0 if length else 5, length + 40))
    one = sent.without(b"content-length").having(b"Content-Length", b"%d" % length)
    return "two lengths", one.having(b"Content-Length", b"%d" % other).encode()


def _both(chance: Chance, sent: Sent) -> tuple[str, bytes]:
    one = sent.without(b"content-length").having(b"Content-Length", b"%d" % len(sent.body))
    both = chance.one((one.having(b"Transfer-Encoding", b"chunked"), _turned(one)))
    return "a length and chunks", both.head() + b"0\r\n\r\n"


def _turned(sent: Sent) -> Sent:
    bare = sent.without(b"content-length").having(b"transfer-encoding", b"Chunked")
    return bare.having(b"content-length", b"5")


def _encoding(chance: Chance, sent: Sent) -> tuple[str, bytes]:
    value = chance.one(_ENCODINGS)
    one = sent.without(b"content-length").having(b"Transfer-Encoding", value)
    return f"an encoding of {value!r}", one.head() + b"2\r\nab\r\n0\r\n\r\n"


def _chunk(chance: Chance, sent: Sent) -> tuple[str, bytes]:
    chunk = chance.one(_CHUNKS)
    one = sent.without(b"content-length").having(b"Transfer-Encoding", b"chunked")
    return f"a chunk of {chunk[:20]!r}", one.head() + chunk


def _line(chance: Chance, sent: Sent) -> tuple[str, bytes]:
    line = chance.one(_LINES)
    first, rest = sent.encode().split(b"\r\n", 1)
    host, rest = rest.split(b"\r\n", 1)
    return f"a line of {line!r}", b"\r\n".join((first, host, line + rest))
