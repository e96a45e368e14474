"""
Reads a list of members as it arrives, in pieces cut anywhere. Pure.

``text/csv`` has a header, `key` or ``key,member``, and then a line a key, `member` being true or
false; ``text/plain`` is a key a line, as it stands. Both are UTF-8; a byte order mark, CRLF and
empty lines are skipped.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pennon.errors import BadInput
from pennon.origin.members.keys import MOST_LISTED, wrong_with
from pennon.web.endpoint import CSV

PLAIN: Final = "text/plain"
HEADER: Final = ("key", "member")

LONGEST_LINE: Final = 8_192
"""In bytes; a key of the longest in quotes, each of its signs doubled, fits."""

_MARK: Final = "\ufeff"
_TRUTH: Final = {"true": True, "false": False}

Row = Callable[[str], tuple[str, bool]]


class Entry(NamedTuple):
    """A key, whether it is a member, and the number of its line."""

    key: bytes
    line: int
    member: bool


class ListParser:
    """Reads lines of one media type. What is wrong is raised as BadInput, at its line."""

    def __init__(self, media_type: str, most: int = MOST_LISTED) -> None:
        self._row: Row | None = None if media_type == CSV else _plain
        self._most = most
        self._rest = b""
        self._line = 0
        self._count = 0

    def feed(self, data: bytes) -> Iterator[Entry]:
        """Yield the entries of all lines that *data* completes."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_LINE:
            lines.append(self._rest)
        for line in lines:
            yield from self._read(line)

    def end(self) -> Iterator[Entry]:
        """Yield the entry of a last line that has no end. Raises BadInput where there was none."""
        yield from self._read(self._rest)
        if not self._count:
            what = "expected at least one key; to remove all members, delete them"
            raise BadInput.at(f"line {self._line}", what)

    def _read(self, data: bytes) -> Iterator[Entry]:
        self._line += 1
        try:
            text = self._text(data)
            if not text:
                return
            if self._row is None:
                self._row = _row_under(_cells(text))
                return
            key, member = self._row(text)
            if (wrong := wrong_with(key)) is not None:
                raise _Wrong(wrong)
            self._count += 1
            if self._count > self._most:
                raise _Wrong(f"expected at most {self._most} keys")
            yield Entry(key.encode(), self._line, member)
        except _Wrong as wrong_line:
            raise BadInput.at(f"line {self._line}", str(wrong_line)) from None

    def _text(self, data: bytes) -> str:
        if len(data) > LONGEST_LINE:
            raise _Wrong(f"expected at most {LONGEST_LINE} bytes")
        try:
            text = data.removesuffix(b"\r").decode()
        except UnicodeDecodeError:
            raise _Wrong("expected UTF-8") from None
        if self._line > 1:
            return text
        text = text.removeprefix(_MARK)
        if self._row is _plain and text == ",".join(HEADER):
            raise _Wrong(f"expected a key; a list with a header is sent as {CSV}")
        return text


class _Wrong(Exception):
    """What was expected of a line."""


def _plain(text: str) -> tuple[str, bool]:
    return text, True


def _row_under(header: list[str]) -> Row:
    """Return what reads a row below *header*."""
    if tuple(header) not in (HEADER, HEADER[:1]):
        raise _Wrong(f"expected the header {','.join(HEADER)} or {HEADER[0]}, got {header!r}")
    return _key_and_member if len(header) == len(HEADER) else _key


def _key(text: str) -> tuple[str, bool]:
    cells = _cells(text)
    if len(cells) != 1:
        raise _Wrong(f"expected one column, as the header has, got {len(cells)}")
    return cells[0], True


def _key_and_member(text: str) -> tuple[str, bool]:
    cells = _cells(text)
    if len(cells) != len(HEADER):
        raise _Wrong(f"expected two columns, as the header has, got {len(cells)}")
    key, told = cells
    member = _TRUTH.get(told.lower())
    if member is None:
        raise _Wrong(f"expected true or false as the member, got {told!r}")
    return key, member


def _cells(text: str) -> list[str]:
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        raise _Wrong('expected a quoted cell to end on its line, each " in it doubled') from None
