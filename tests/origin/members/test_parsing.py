"""Lists of members, read in pieces cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import BadInput
from pennon.origin.members.parsing import LONGEST_LINE, Entry, ListParser

CSV, PLAIN = "text/csv", "text/plain"


def parsed(data: bytes, media_type: str = CSV, *, most: int = 100, size: int = 7) -> list[str]:
    """Return the keys of a list with a sign each, ``+`` for in, and the number of the line."""
    parser = ListParser(media_type, most)
    entries: list[Entry] = []
    for start in range(0, len(data), size):
        entries += parser.feed(data[start : start + size])
    entries += parser.end()
    return [f"{one.line}{'+' if one.member else '-'}{one.key.decode()}" for one in entries]


def refused(data: bytes, media_type: str = CSV, **more: int) -> str:
    """Return where a list is wrong, and what was expected there."""
    with pytest.raises(BadInput) as caught:
        parsed(data, media_type, **more)
    (fault,) = caught.value.faults
    return str(fault)


class TestCsv:
    def test_has_a_header(self) -> None:
        """With the member or without; without it all are in."""
        assert parsed(b"key,member\nada,true\neve,FALSE\n") == ["2+ada", "3-eve"]
        assert parsed(b"key\nada\neve") == ["2+ada", "3+eve"]

    def test_comes_from_any_system(self) -> None:
        """A byte order mark, CRLF, quotes, empty lines, no end to the last line."""
        assert parsed(b'\xef\xbb\xbf"key","member"\r\n\r\n"a ""b"", c",true\r\nd,false') == [
            '3+a "b", c',
            "4-d",
        ]

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"ada\neve\n", "line 1: expected the header key,member or key"),
            (b"key,member\nada\n", "line 2: expected two columns, as the header has, got 1"),
            (b"key\nada,true\n", "line 2: expected one column, as the header has, got 2"),
            (b"key,member\nada,yes\n", "line 2: expected true or false as the member, got 'yes'"),
            (b'key\n"ada\n', "line 2: expected a quoted cell to end on its line"),
            (b"key\nada\n\xff\n", "line 3: expected UTF-8"),
            (b"key\nada \n", "line 2: expected a key without blanks around it"),
            (b"key,member\n,true\n", "line 2: expected a key, got nothing"),
            (b"key\na\x07\n", "line 2: expected a key without control characters"),
            (b"key\n", "line 2: expected at least one key"),
            (b"", "line 1: expected at least one key"),
        ],
    )
    def test_that_is_wrong_is_told_by_its_line(self, data: bytes, told: str) -> None:
        """And what was expected there."""
        assert refused(data).startswith(told)

    def test_has_so_many_keys_at_most(self) -> None:
        """The limit is told."""
        assert refused(b"key\na\nb\nc\n", most=2) == "line 4: expected at most 2 keys"


class TestPlain:
    def test_is_a_key_a_line(self) -> None:
        """As it stands: a comma or a quote is a part of it."""
        assert parsed(b'a,b\r\n"c"\n\nd', PLAIN) == ["1+a,b", '2+"c"', "4+d"]

    def test_is_no_csv(self) -> None:
        """Its header would be a key, and every row another."""
        assert "text/csv" in refused(b"key,member\nada,true\n", PLAIN)

    def test_that_has_no_lines_is_not_kept(self) -> None:
        """It is refused at once, however much is still to come."""
        parser = ListParser(PLAIN)

        with pytest.raises(BadInput, match="line 1: expected at most"):
            list(parser.feed(b"x" * (LONGEST_LINE + 1)))


class TestPieces:
    @given(st.integers(1, 40), st.lists(st.text("aé,\"'🙂", min_size=1), min_size=1, max_size=8))
    def test_may_be_cut_anywhere(self, size: int, keys: list[str]) -> None:
        """Also within a character."""
        data = "\r\n".join(keys).encode()

        assert parsed(data, PLAIN, size=size) == parsed(data, PLAIN, size=10_000)
