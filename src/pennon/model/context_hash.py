"""
The name of a context: equal for contexts that evaluate alike, and the same in every language.

It is the SHA-1 of the context in the JSON Canonicalization Scheme (RFC 8785): keys in order of
UTF-16, numbers as JavaScript writes them. It binds what was evaluated for a context to it, against
mistakes and not against an adversary; SHA-1 is what bucketing needs in a browser anyway, and
unlike the browser's own SHA-256 it can be had without waiting.
"""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import Any, Final

from pennon.errors import BadInput
from pennon.model.context import Context

_HALF: Final = re.compile("[\ud800-\udfff]")


def context_hash(context: Context) -> str:
    """
    Return the hash of *context*, as 40 hex digits; the form that it was given in has no part.

    Raises BadInput when it nests too deep.
    """
    try:
        text = canonical(context.kinds)
    except RecursionError:
        raise BadInput.at("$.context", "expected a context that nests less deeply") from None
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def canonical(value: Any) -> str:
    """Return decoded JSON as RFC 8785 writes it."""
    match value:
        case dict():
            names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
            return f"{{{','.join(f'{_text(name)}:{canonical(value[name])}' for name in names)}}}"
        case list() | tuple():
            return f"[{','.join(map(canonical, value))}]"
        case str():
            return _text(value)
        case bool() | None:
            return json.dumps(value)
        case _:
            return number(value)


def number(value: int | float) -> str:
    """Return a number as JavaScript writes it: the shortest digits that mean the same float64."""
    try:
        value = float(value)
    except OverflowError:
        return "null"  # what JavaScript makes of infinity
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    point = len(text) + exponent  # where the decimal point stands, counted from the first digit
    if len(text) <= point <= 21:
        text += "0" * (point - len(text))
    elif 0 < point <= 21:
        text = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        rest = f".{text[1:]}" if len(text) > 1 else ""
        text = f"{text[0]}{rest}e{point - 1:+d}"
    return f"-{text}" if sign else text


def _text(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
