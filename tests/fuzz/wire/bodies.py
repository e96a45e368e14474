"""Bodies that are wrong, or right and at the edge of what is allowed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from tests.fuzz.chance import Chance

Make = Callable[[Chance, bytes], bytes]

_CONTEXT_BYTES: Final = 131_072
_VALUES: Final[tuple[str, ...]] = (
    "null", "true", "0", "-0", "1e400", "-1e-400", "1" + "0" * 400, "9" * 5000, "1.5e308",
    '""', '"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\u2028"', "[]", "{}", "[null]",
    "NaN", "Infinity", '"' + "a" * 5000 + '"', '{"kind":"multi"}', '{"": ""}', "[[[[[]]]]]",
    '{"__proto__": {"a": 1}}', "9007199254740993", '"2026-02-30T25:61:61Z"', '"1.2.3-\\u00e9"',
)  # fmt: skip
_NAMES: Final = (
    "targetingKey", "key", "kind", "email", "plan", "age", "", "\\ud800", "a" * 300, "user",
    "context", "environments", "acks", "nodes", "events", "counts", "anonymous", "_meta",
)  # fmt: skip


def a_body(chance: Chance, body: bytes) -> bytes:
    """Return a body to send instead of *body*."""
    return chance.one(_MAKES)(chance, body)


def empty(_chance: Chance, _body: bytes) -> bytes:
    return b""


def blank(chance: Chance, _body: bytes) -> bytes:
    return chance.one((b" ", b"\r\n", b"\t\t", b"\x00", b"\xef\xbb\xbf{}"))


def flipped(chance: Chance, body: bytes) -> bytes:
    changed = bytearray(body or b"{}")
    for _ in range(chance.number(1, 4)):
        changed[chance.number(0, len(changed) - 1)] = chance.number(0, 255)
    return bytes(changed)


def short(chance: Chance, body: bytes) -> bytes:
    return body[: chance.number(0, len(body))]


def not_utf8(chance: Chance, _body: bytes) -> bytes:
    bad = chance.one((b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf5\x80\x80\x80", b"\xe2\x80"))
    return b'{"context": {"targetingKey": "' + bad + b'"}}'


def deep(chance: Chance, _body: bytes) -> bytes:
    depth = chance.one((10, 500, 900, 1100, 5000, 60_000))
    opening, closing = chance.one(((b"[", b"]"), (b'{"a":', b"}")))
    inner = opening * depth + b"1" + (closing * depth if chance.happens(0.7) else b"")
    return b'{"context": {"targetingKey": "ada", "plan": ' + inner + b"}}"


def odd_values(chance: Chance, _body: bytes) -> bytes:
    def member() -> str:
        return f'"{chance.one(_NAMES)}": {chance.one(_VALUES)}'

    inner = ", ".join(chance.some(0, 6, member))
    return f'{{"context": {{{inner}}}}}'.encode("utf-8", "surrogatepass")


def odd_whole(chance: Chance, _body: bytes) -> bytes:
    name, value = chance.one(_NAMES), chance.one(_VALUES)
    return chance.one((value, f'{{"{name}": {value}}}', f'{{"context": {value}}}')).encode()


def many_kinds(chance: Chance, _body: bytes) -> bytes:
    kinds: dict[str, Any] = {f"k{n}": {"key": "x", "plan": n} for n in range(chance.number(1, 500))}
    return json.dumps({"context": {"kind": "multi", **kinds}}).encode()


def many_attributes(chance: Chance, _body: bytes) -> bytes:
    many = {f"a{n}": n for n in range(chance.number(500, 8000))}
    return json.dumps({"context": {"targetingKey": "ada", **many}}).encode()


def at_the_limit(chance: Chance, _body: bytes) -> bytes:
    head, tail = b'{"context": {"targetingKey": "', b'"}}'
    room = _CONTEXT_BYTES - len(head) - len(tail) + chance.one((-1, 0, 1))
    return head + b"a" * room + tail


def too_large(chance: Chance, _body: bytes) -> bytes:
    return b"x" * chance.one((_CONTEXT_BYTES * 2, 1024 * 1024, 1024 * 1024 + 1))


def repeated(chance: Chance, body: bytes) -> bytes:
    return body * chance.number(2, 20)


_MAKES: Final[tuple[Make, ...]] = (
    *(flipped, flipped, flipped, odd_values, odd_values, odd_values, odd_whole, odd_whole),
    *(empty, blank, short, not_utf8, deep, many_kinds, many_attributes, at_the_limit),
    *(too_large, repeated),
)
