"""The parser: what it remembers of one request changes nothing about the next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.web.bare.limits import Limits
from pennon.web.bare.parsing import Parsed, RequestParser

HEAD = b"POST /f?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
REQUESTS = (
    HEAD + b"\r\nabc",
    HEAD + b"\r\nxyz",
    HEAD + b"\r\n\r\n\r",
    HEAD + b"\r\nabc\r\n",
    b"\r\n" + HEAD + b"\r\nabc",
    HEAD + b"X: y\r\n\r\nabc",
    HEAD + b"Connection: keep-alive\r\n\r\nabc",
    HEAD + b"Expect: 100-continue\r\n\r\nabc",
    HEAD + b"\r\nabc" + HEAD + b"\r\ndef",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
)


def parsed_by(parser: RequestParser, data: bytes) -> list[Parsed]:
    parser.feed(data)
    parsed = list(parser.parsed)
    parser.parsed.clear()
    return parsed


def a_parser() -> RequestParser:
    return RequestParser(Limits(), "192.0.2.1")


class TestAgain:
    @given(st.lists(st.sampled_from(REQUESTS), max_size=8))
    def test_as_if_it_were_the_first(self, sent: list[bytes]) -> None:
        """Whatever came before on the connection, a request means what it means alone."""
        parser = a_parser()

        assert [parsed_by(parser, each) for each in sent] == [
            parsed_by(a_parser(), each) for each in sent
        ]

    @given(st.lists(st.sampled_from(REQUESTS), max_size=5), st.data())
    def test_cut_anywhere(self, sent: list[bytes], data: st.DataObject) -> None:
        """So it does however the bytes arrive."""
        whole = b"".join(sent)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
        parser = a_parser()
        for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            parser.feed(whole[start:end])

        assert list(parser.parsed) == [one for each in sent for one in parsed_by(a_parser(), each)]

    @pytest.mark.parametrize("more", [b"abcd", b"ab", b""])
    def test_another_length(self, more: bytes) -> None:
        """A body is as long as its own head says, and what is behind it is another request."""
        parser = a_parser()
        parsed_by(parser, HEAD + b"\r\nabc")
        parser.feed(HEAD + b"\r\n" + more)

        assert [one.request.body for one in parser.parsed] == ([b"abc"] if len(more) > 3 else [])
        assert parser.in_request

    def test_a_large_body_is_not_kept(self) -> None:
        """Nothing is kept of a body: connections may be many, and idle for long."""
        parser = a_parser()
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n"
        parsed_by(parser, head + b"a" * 500_000)

        assert parser.kept == 0
        assert all(len(each) < 1000 for each in vars(parser).values() if isinstance(each, bytes))
