"""
Regular expressions between dialects: each SDK searches with the engine of its own language.

A pattern is parsed into our tree and written out again in constructs that all of them read
alike: no shorthand classes (which may hold letters beyond ASCII), no ``.`` (whose newlines
differ), and groups around all that repeats.
"""

from __future__ import annotations

from typing import Final

from pennon.errors import Refused
from pennon.evaluation.pattern.syntax import (
    Anchor,
    BadPattern,
    Characters,
    Choice,
    Node,
    Ranges,
    Repeat,
    Sequence,
    complement,
    normalise,
    parse_pattern,
)

_LAST: Final = 0x10FFFF
_LAST_OF_16_BITS: Final = 0xFFFF
_SURROGATES: Final = range(0xD800, 0xE000)
_SIGNS: Final = frozenset("\\.^$*+?()[]{}|")
_QUANTIFIERS: Final = {(0, None): "*", (1, None): "+", (0, 1): "?"}
_IGNORE_CASE: Final = "(?i)"
_UPPER: Final[Ranges] = ((ord("A"), ord("Z")),)
_LOWER: Final[Ranges] = ((ord("a"), ord("z")),)
_TO_LOWER: Final = ord("a") - ord("A")


def export_pattern(pattern: str, path: str) -> str | None:
    """
    Return *pattern* in constructs that every engine reads alike; None when it matches nothing.

    Raises Refused for what has no such writing.
    """
    try:
        return _write(parse_pattern(pattern), path)
    except BadPattern:
        return None


def import_pattern(pattern: str, path: str) -> str:
    """
    Return *pattern* as it is if it is portable; a leading ``(?i)`` is written out.

    Raises Refused for any other: what it means depends on the engine.
    """
    ignore_case = pattern.startswith(_IGNORE_CASE)
    try:
        tree = parse_pattern(pattern.removeprefix(_IGNORE_CASE))
        if not ignore_case:
            return pattern
        written = _write(_fold(tree, path), path)
        parse_pattern(written)
    except BadPattern as error:
        raise Refused.at(path, f"the pattern is not portable: {error}") from None
    return written


def _write(node: Node, path: str) -> str:
    match node:
        case Characters(ranges):
            return _write_characters(ranges, path)
        case Anchor("b" | "B"):
            raise Refused.at(path, "engines differ on what a word is beyond ASCII (\\b, \\B)")
        case Anchor(sign):
            return sign
        case Sequence(parts):
            return "".join(_write_part(part, path) for part in parts)
        case Choice(branches):
            return "|".join(_write(branch, path) for branch in branches)
        case Repeat(part, low, high):
            return _write_repeated(part, path) + _write_count(low, high)


def _write_part(node: Node, path: str) -> str:
    written = _write(node, path)
    return f"(?:{written})" if isinstance(node, Choice) else written


def _write_repeated(node: Node, path: str) -> str:
    written = _write(node, path)
    # What stands beyond 16 bits is two characters to some engines: a group keeps them together.
    alone = isinstance(node, Characters) and node.ranges[0][0] <= _LAST_OF_16_BITS
    return written if alone else f"(?:{written})"


def _write_count(low: int, high: int | None) -> str:
    if (low, high) in _QUANTIFIERS:
        return _QUANTIFIERS[low, high]
    if low == high:
        return f"{{{low}}}"
    return f"{{{low},{'' if high is None else high}}}"


def _write_characters(ranges: Ranges, path: str) -> str:
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _write_literal(ranges[0][0])
    negated = bool(ranges) and ranges[-1][1] == _LAST
    listed = complement(ranges) if negated else ranges
    if not listed:
        return r"[\s\S]" if negated else r"[^\s\S]"
    members = "".join(_write_range(low, high, path) for low, high in listed)
    return f"[^{members}]" if negated else f"[{members}]"


def _write_literal(point: int) -> str:
    char = chr(point)
    if char in _SIGNS:
        return f"\\{char}"
    return char if char.isprintable() or point > 0x7F else f"\\x{point:02x}"


def _write_range(low: int, high: int, path: str) -> str:
    if high > _LAST_OF_16_BITS or low in _SURROGATES or high in _SURROGATES:
        raise Refused.at(path, "engines differ on classes of characters beyond 16 bits")
    written = _write_member(low)
    if low == high:
        return written
    return f"{written}-{_write_member(high)}"


def _write_member(point: int) -> str:
    char = chr(point)
    return char if char.isalnum() or char == "_" or point > 0x7F else f"\\x{point:02x}"


def _fold(node: Node, path: str) -> Node:
    """Return *node* with both cases of every ASCII letter that it names."""
    match node:
        case Characters(ranges):
            return Characters(_fold_ranges(ranges, path))
        case Sequence(parts):
            return Sequence(tuple(_fold(part, path) for part in parts))
        case Choice(branches):
            return Choice(tuple(_fold(branch, path) for branch in branches))
        case Repeat(part, low, high):
            return Repeat(_fold(part, path), low, high)
        case _:
            return node


def _fold_ranges(ranges: Ranges, path: str) -> Ranges:
    lowered = _shifted(ranges, _UPPER, _TO_LOWER)
    raised = _shifted(ranges, _LOWER, -_TO_LOWER)
    folded = normalise([*ranges, *lowered, *raised])
    if ranges and ranges[-1][1] == _LAST:
        # Whether a negated class names a letter or leaves it out is no longer to be seen here.
        if folded != ranges:
            raise Refused.at(path, "a negated class that holds letters, under (?i)")
    elif any(high > 0x7F for _, high in ranges):
        raise Refused.at(path, "engines differ on the case of letters beyond ASCII, under (?i)")
    return folded


def _shifted(ranges: Ranges, letters: Ranges, by: int) -> list[tuple[int, int]]:
    """Return the part of *ranges* within *letters*, moved *by* that many code points."""
    [(first, last)] = letters
    return [
        (max(low, first) + by, min(high, last) + by)
        for low, high in ranges
        if low <= last and high >= first
    ]
