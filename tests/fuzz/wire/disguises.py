"""Ways to say the same request: whatever is chosen here, the answer must be the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.fuzz.chance import Chance
from tests.fuzz.wire.case import Case
from tests.fuzz.wire.requests import Sent

Disguise = Callable[[Chance, Sent], tuple[bytes, ...]]


def harmless(chance: Chance, sent: Sent) -> Case:
    """Return *sent* said in another way."""
    disguise = chance.one(_DISGUISES)
    pieces = disguise(chance, sent)
    return Case(disguise.__name__, pieces, end="reads", harmless=True)


def as_it_is(_chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    return (sent.encode(),)


def byte_by_byte(_chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    return tuple(bytes([byte]) for byte in sent.encode())


def in_pieces(chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    return cut(chance, sent.encode())


def in_chunks(chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    if not sent.body:
        return (sent.encode(),)
    chunked = sent.without(b"content-length").having(b"Transfer-Encoding", b"chunked")
    return (chunked.head() + chunks_of(chance, sent.body),)


def in_other_letters(chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    changed = tuple((chance.one((n.upper(), n.lower(), n.title())), v) for n, v in sent.headers)
    return (replace(sent, headers=changed).encode(),)


def with_spaces(chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    space = chance.one((b" ", b"\t", b"  \t "))
    changed = tuple((name, space + value + space) for name, value in sent.headers)
    return (replace(sent, headers=changed).encode(),)


def with_more_headers(chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    more = chance.some(1, 40, lambda: (b"X-%x" % chance.number(0, 2**40), b"v" * 20))
    headers = [*sent.headers, *more]
    return (replace(sent, headers=tuple(headers)).encode(),)


def in_another_order(chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    count = len(sent.headers)
    return (replace(sent, headers=tuple(chance.subset(sent.headers, count, count))).encode(),)


def after_empty_lines(_chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    return (b"\r\n\r\n" + sent.encode(),)


def in_absolute_form(_chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    return (replace(sent, target=b"http://edge.example" + sent.target).encode(),)


def percent_encoded(chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    path, mark, query = sent.target.partition(b"?")
    encoded = b"".join(
        b"%%%02X" % byte if byte != ord("/") and chance.happens(0.3) else bytes([byte])
        for byte in path
    )
    return (replace(sent, target=encoded + mark + query).encode(),)


def asking_for_leave(_chance: Chance, sent: Sent) -> tuple[bytes, ...]:
    if not sent.body:
        return (sent.encode(),)
    asking = sent.having(b"Expect", b"100-continue")
    return (asking.head(), sent.body)


def cut(chance: Chance, data: bytes) -> tuple[bytes, ...]:
    """Return *data* in a few pieces."""
    inside = range(1, len(data))
    at = sorted(chance.subset(inside, 1, 12)) if len(data) > 1 else []
    return tuple(data[a:b] for a, b in zip([0, *at], [*at, len(data)], strict=True))


def chunks_of(chance: Chance, body: bytes) -> bytes:
    """Return *body* in chunks of any size, some with extensions, and perhaps a trailer."""
    framed = b""
    for piece in cut(chance, body):
        extension = chance.one((b"", b"", b";a", b';a="b"'))
        framed += b"%x%b\r\n%b\r\n" % (len(piece), extension, piece)
    trailer = chance.one((b"", b"", b"X-Trailer: 1\r\n", b"Authorization: Bearer x\r\n"))
    return framed + b"0\r\n" + trailer + b"\r\n"


_DISGUISES: tuple[Disguise, ...] = (
    as_it_is,
    byte_by_byte,
    in_pieces,
    in_chunks,
    in_other_letters,
    with_spaces,
    with_more_headers,
    in_another_order,
    after_empty_lines,
    in_absolute_form,
    percent_encoded,
    asking_for_leave,
)
