"""
The grammar of portable patterns; `conformance/README.md` gives it, and its limits.

Code points are integers throughout. A parsed pattern is a tree of five kinds of node.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Final

MAX_PATTERN_BYTES: Final = 512
MAX_GROUPS: Final = 32
MAX_LENGTH: Final = 1000
_LAST: Final = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]


class BadPattern(Exception):
    """A pattern outside the portable subset; its text says what was found."""


@dataclass(frozen=True, slots=True)
class Characters:
    """One code point out of *ranges*, which are sorted and include both ends."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place between code points: ``^``, ``$``, ``b`` or ``B``."""

    sign: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """One node after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of the branches."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A node *low* to *high* times; without an end when *high* is None."""

    part: Node
    low: int
    high: int | None


Node = Characters | Anchor | Sequence | Choice | Repeat

_DIGIT: Final[Ranges] = ((48, 57),)
_WORD: Final[Ranges] = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Final[Ranges] = ((9, 10), (12, 13), (32, 32))
_NOT_NEWLINE: Final[Ranges] = ((0, 9), (11, _LAST))


def normalise(ranges: list[tuple[int, int]]) -> Ranges:
    """Return *ranges* sorted and merged."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    """Return every code point that is not in *ranges*."""
    edges = [-1, *(edge for low, high in ranges for edge in (low, high)), _LAST + 1]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple((before + 1, after - 1) for before, after in pairs if before + 1 <= after - 1)


_CLASSES: Final[dict[str, Ranges]] = {
    "d": _DIGIT,
    "w": _WORD,
    "s": _SPACE,
    "D": complement(_DIGIT),
    "W": complement(_WORD),
    "S": complement(_SPACE),
}
_CONTROLS: Final = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}


def parse_pattern(pattern: str) -> Node:
    """Return the tree of *pattern*. Raises BadPattern when it is not portable."""
    try:
        size = len(pattern.encode())
    except UnicodeEncodeError:
        raise BadPattern("half of a surrogate pair") from None
    if size > MAX_PATTERN_BYTES:
        raise BadPattern(f"{size} bytes, more than {MAX_PATTERN_BYTES}")
    parser = _Parser(pattern)
    node, length = parser.choice(0)
    if parser.peek():
        raise BadPattern("a ')' without its '('")
    if length > MAX_LENGTH:
        raise BadPattern(f"{length} characters when written out, more than {MAX_LENGTH}")
    return node


class _Parser:
    """Recursive descent; each method returns a node and how long it is when written out."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0

    def peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def choice(self, depth: int) -> tuple[Node, int]:
        branches, total = [], 0
        while True:
            node, length = self._branch(depth)
            branches.append(node)
            total += length
            if not self._skip("|"):
                return (Choice(tuple(branches)) if len(branches) > 1 else branches[0]), total

    def _branch(self, depth: int) -> tuple[Node, int]:
        parts: list[Node] = []
        total = 0
        while (char := self.peek()) and char not in "|)":
            anchor = self._anchor()
            if anchor is not None:
                parts.append(anchor)
                total += 1
                continue
            atom = self._group(depth + 1) if self._skip("(") else self._atom()
            node, length = self._quantified(*atom)
            parts.append(node)
            total += length
        return Sequence(tuple(parts)), total

    def _anchor(self) -> Node | None:
        for sign in ("^", "$", "\\b", "\\B"):
            if self._skip(sign):
                return Anchor(sign[-1])
        return None

    def _quantified(self, node: Node, length: int) -> tuple[Node, int]:
        low, high = 0, None
        if self._skip("+"):
            low = 1
        elif self._skip("?"):
            high = 1
        elif self._skip("{"):
            low, high = self._counts()
        elif not self._skip("*"):
            return node, length
        # Lazy or not, a search finds the same subjects.
        self._skip("?")
        return Repeat(node, low, high), length * max(low if high is None else high, 1)

    def _counts(self) -> tuple[int, int | None]:
        low = self._number()
        high: int | None = low
        if self._skip(","):
            high = None if self.peek() == "}" else self._number()
        if not self._skip("}"):
            raise BadPattern("a '{' that begins no repetition")
        if high is not None and high < low:
            raise BadPattern(f"a repetition from {low} to {high}")
        return low, high

    def _number(self) -> int:
        start = self._at
        while self.peek() and self.peek() in string.digits:
            self._at += 1
        digits = self._text[start : self._at]
        if not digits:
            raise BadPattern("a '{' that begins no repetition")
        number = int(digits)
        if number > MAX_LENGTH:
            raise BadPattern(f"a repetition of {digits}, more than {MAX_LENGTH}")
        return number

    def _atom(self) -> tuple[Node, int]:
        char = self._next()
        match char:
            case "[":
                return Characters(self._class()), 1
            case ".":
                return Characters(_NOT_NEWLINE), 1
            case "\\":
                return Characters(self._escape()), 1
            case "*" | "+" | "?":
                raise BadPattern(f"a {char!r} that repeats nothing")
            case "{" | "}" | "]":
                raise BadPattern(f"a {char!r} that is not escaped")
        return Characters(((ord(char), ord(char)),)), 1

    def _group(self, depth: int) -> tuple[Node, int]:
        if depth > MAX_GROUPS:
            raise BadPattern(f"groups more than {MAX_GROUPS} deep")
        if self._skip("?") and not self._skip(":"):
            raise BadPattern("a group that begins with '(?' and is not '(?:'")
        node, length = self.choice(depth)
        if not self._skip(")"):
            raise BadPattern("a '(' without its ')'")
        return node, max(length, 1)

    def _escape(self) -> Ranges:
        name = self.peek()
        if name in _CLASSES:
            self._at += 1
            return _CLASSES[name]
        point = self._escaped_character()
        return ((point, point),)

    def _escaped_character(self) -> int:
        char = self._next()
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "x":
            digits = self._text[self._at : self._at + 2]
            if len(digits) == 2 and all(digit in string.hexdigits for digit in digits):
                self._at += 2
                return int(digits, 16)
        if char not in string.punctuation:
            raise BadPattern(f"the escape '\\{char}'")
        return ord(char)

    def _class(self) -> Ranges:
        negated = self._skip("^")
        ranges: list[tuple[int, int]] = []
        first = True
        while not (closed := self._skip("]")) and self.peek():
            ranges.extend(self._item(first))
            first = False
        if not closed:
            raise BadPattern("a '[' without its ']'")
        if not ranges:
            raise BadPattern("an empty class")
        merged = normalise(ranges)
        return complement(merged) if negated else merged

    def _item(self, first: bool) -> Ranges:
        if self._skip("-"):
            if first or self.peek() == "]":
                return ((45, 45),)
            raise BadPattern("a '-' in a class that is neither a range nor at an end")
        if self._text[self._at : self._at + 1] == "\\" and self._text[self._at + 1 : self._at + 2]:
            name = self._text[self._at + 1]
            if name in _CLASSES:
                self._at += 2
                return _CLASSES[name]
        low = self._member()
        if self.peek() != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return ((low, low),)
        self._at += 1
        high = self._member()
        if high < low:
            raise BadPattern("a range that is reversed")
        return ((low, high),)

    def _member(self) -> int:
        char = self._next()
        if char == "\\":
            return self._escaped_character()
        if char in "[]^-":
            raise BadPattern(f"a {char!r} in a class that is not escaped")
        return ord(char)

    def _next(self) -> str:
        char = self.peek()
        if not char:
            raise BadPattern("a pattern that ends too soon")
        self._at += 1
        return char

    def _skip(self, text: str) -> bool:
        if not self._text.startswith(text, self._at):
            return False
        self._at += len(text)
        return True
