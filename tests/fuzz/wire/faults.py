"""Requests with something wrong in them: in the line, the headers, the path, or any byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tests.fuzz.chance import Chance
from tests.fuzz.wire.bodies import a_body
from tests.fuzz.wire.case import Case
from tests.fuzz.wire.disguises import cut
from tests.fuzz.wire.requests import Sent

Fault = Callable[[Chance, Sent], Sent]

_METHODS: Final = (
    b"PUT", b"DELETE", b"PATCH", b"TRACE", b"CONNECT", b"PRI", b"get", b"", b"G ET", b"M" * 500,
    b"HEAD", b"OPTIONS", b"GET", b"POST", b"PROPFIND", b"\xff", b"GET\x00", b"QUERY",
)  # fmt: skip
_TARGETS: Final = (
    b"", b"*", b"//", b"/..", b"/../../etc/passwd", b"/%", b"/%zz", b"/%00", b"/%ff%fe", b"/\xff",
    b"/\x00", b"/a b", b"http://", b"http://[", b"http://x:99999/", b"edge.example:80", b"/#a",
    b"/?" + b"&" * 2000, b"/?" + b"a=b&" * 1500, b"/" + b"a" * 40_000, b"/\xc3\xbc",
    b"/\xed\xa0\x80",
    b"/ofrep/v1/evaluate/flags/", b"/ofrep/v1/evaluate/flags/%ed%a0%80", b"/%c3%28", b"/?%ff=%00",
    b"/ofrep/v1/evaluate/flags/" + b"%41" * 5000, b"/sync/v1/stream?environment=%24access%40",
    b"/sync/v1/changes?environment=shop/production@0-0.99999999999999999999999999",
    b"/ofrep/v1/events?environment=shop/production&token=a.%C2%B2.b&since=%00",
    b"/sync/v1/datafile?environment=shop/production&environment=shop/production@",
)  # fmt: skip
_VALUES: Final = (
    b"", b" ", b"*", b"\xff\xfe", b'"', b'W/"x"', b"0", b"-1", b"9" * 400, b"a" * 9000, b"%00",
    b"gzip", b"zstd;q=0", b"zstd;q=x, gzip;q=", b"identity", b"shop/production", b"\xc3\xbc",
    b"Bearer", b"Bearer  ", b"bearer \xff", b"null", b"0-00000000.1", b"for=\"[",
    b"chunked, chunked",
    b"h2c", b"100-continue, x", b"application/openmetrics-text; version=1.0.0", b"1.2.3.4, \xff, ,",
)  # fmt: skip
_NAMES: Final = (
    b"Authorization", b"X-API-Key", b"X-Pennon-Environment", b"If-None-Match", b"Last-Event-ID",
    b"Content-Type", b"Content-Encoding", b"Accept-Encoding", b"Accept", b"Origin", b"Host",
    b"Connection", b"Upgrade", b"Expect", b"X-Forwarded-For", b"Forwarded", b"Cookie", b"TE",
    b"Access-Control-Request-Method", b"X-Forwarded-Proto", b"Keep-Alive", b"Range", b"Trailer",
)  # fmt: skip
_VERSIONS: Final = (
    b"HTTP/0.9",
    b"HTTP/1.0",
    b"HTTP/1.2",
    b"HTTP/2.0",
    b"HTTP/9",
    b"HTTP",
    b"ICE/1.0",
)


def faulty(chance: Chance, sent: Sent) -> Case:
    """Return *sent* with one to three faults."""
    faults = chance.some(1, 3, lambda: chance.one(_FAULTS))
    for fault in faults:
        sent = fault(chance, sent)
    data = sent.encode()
    name = " + ".join(fault.__name__ for fault in faults)
    if chance.happens(0.1):
        name, data = f"{name} + version", _other_version(chance, data)
    if chance.happens(0.15):
        name, data = f"{name} + damaged", damaged(chance, data)
    return Case(name, cut(chance, data) if chance.happens(0.1) else (data,))


def truncated(chance: Chance, sent: Sent) -> Case:
    """Return a part of *sent*, whose client leaves or waits for ever."""
    data = sent.encode()
    part = data[: chance.number(1, len(data) - 1)]
    return Case("truncated", (part,), end="waits" if chance.happens(0.2) else "half", answers=1)


def pipelined(chance: Chance, sent: list[Sent]) -> Case:
    """Return many requests in one, of which the last may be damaged."""
    many = chance.some(2, 100, lambda: chance.one(sent).encode())
    if chance.happens(0.5):
        many[-1] = damaged(chance, many[-1])
        return Case("pipelined, the last damaged", cut(chance, b"".join(many)))
    return Case("pipelined", (b"".join(many),), answers=len(many))


def noise(chance: Chance, _sent: Sent) -> Case:
    """Return what is no request at all."""
    data = bytes(chance.some(1, 400, lambda: chance.number(0, 255)))
    return Case("noise", (data,))


def damaged(chance: Chance, data: bytes) -> bytes:
    """Return *data* with bytes changed, taken away, put in or said twice."""
    changed = bytearray(data)
    for _ in range(chance.number(1, 8)):
        at = chance.number(0, max(len(changed) - 1, 0))
        match chance.number(0, 3):
            case 0 if changed:
                changed[at] = chance.number(0, 255)
            case 1:
                del changed[at : at + chance.number(1, 20)]
            case 2:
                changed[at:at] = bytes(chance.some(1, 8, lambda: chance.number(0, 255)))
            case _:
                changed[at:at] = changed[at : at + chance.number(1, 200)]
    return bytes(changed)


def method(chance: Chance, sent: Sent) -> Sent:
    return replace(sent, method=chance.one(_METHODS))


def target(chance: Chance, sent: Sent) -> Sent:
    if chance.happens(0.5):
        return replace(sent, target=chance.one(_TARGETS))
    return replace(sent, target=sent.target + chance.one(_TARGETS))


def header(chance: Chance, sent: Sent) -> Sent:
    name = chance.one(_NAMES)
    if chance.happens(0.5):
        sent = sent.without(name.lower())
    return sent.having(name, chance.one(_VALUES))


def no_header(chance: Chance, sent: Sent) -> Sent:
    return sent.without(chance.one(sent.headers)[0].lower()) if sent.headers else sent


def twice(chance: Chance, sent: Sent) -> Sent:
    return sent.having(*chance.one(sent.headers)) if sent.headers else sent


def many_headers(chance: Chance, sent: Sent) -> Sent:
    more = tuple((b"X-%d" % n, b"v" * chance.number(0, 40)) for n in range(chance.number(50, 3000)))
    return replace(sent, headers=(*sent.headers, *more))


def body(chance: Chance, sent: Sent) -> Sent:
    return sent.saying(a_body(chance, sent.body))


def _other_version(chance: Chance, data: bytes) -> bytes:
    return data.replace(b"HTTP/1.1", chance.one(_VERSIONS), 1)


# A body is what most requests are about.
_FAULTS: Final[tuple[Fault, ...]] = (
    *(body, body, body, body),
    *(method, target, target, header, header, header),
    *(no_header, twice, many_headers),
)
