"""One connection's requests, parsed by httptools and held to the limits."""

from __future__ import annotations

import re
from collections import deque
from typing import Final
from urllib.parse import unquote

import httptools
from msgspec import Struct
from msgspec.structs import replace

from pennon.web.bare.limits import Limits
from pennon.web.handler import Request

_BEYOND_ASCII: Final = re.compile(rb"[\x80-\xff]")
_BLANK_LINE: Final = b"\r\n\r\n"
_LONGEST_KEPT: Final = 2048
"""How long a head may be that is kept for when it comes again."""
_TARGET: Final = "Expected a path in printable ASCII, the rest percent-encoded: %C3%BC for ü."


_OF_A_HEADER: Final = 32
# What a header costs beside its letters, as HTTP/2 reckons: many small ones are large as well.
_OF_A_PIECE: Final = 64
_OF_A_HEAD: Final = 1024


class Refused(Exception):
    """The client broke a rule of HTTP or a limit: answer with *status* and close."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(detail)


class Parsed(Struct, frozen=True):
    """A whole request: may the connection serve another after it, does its client know chunks?"""

    request: Request
    keep_alive: bool
    chunks: bool


class RequestParser:
    """
    Feed it bytes; whole requests gather in `parsed`, in order.

    `in_request` tells whether a request has begun that is not whole, `expects` whether its client
    waits for leave to send the body, and `refused` what the first fault was, behind all that is
    in `parsed`: what is fed after it is not read.
    """

    def __init__(self, limits: Limits, client: str) -> None:
        self._limits, self._client = limits, client
        self._parser = httptools.HttpRequestParser(self)
        self.parsed: deque[Parsed] = deque()
        self.in_request = False
        self.expects = False
        self.refused: Refused | None = None
        self._headers: dict[str, str] = {}
        self._again, self._length = b"", -1
        self._clear()

    @property
    def in_head(self) -> bool:
        """Whether the head of a request has begun that is not whole."""
        return self.in_request and not self._http_version

    @property
    def patience(self) -> float:
        """For how many seconds its client may be waited for."""
        if not self.in_request:
            return self._limits.idle_seconds
        return self._limits.head_seconds if self.in_head else self._limits.body_seconds

    @property
    def kept(self) -> int:
        """How many bytes are kept of requests that are not whole, or wait, at the most."""
        kept = sum(len(one.request.body) + _OF_A_HEAD for one in self.parsed)
        if self.in_request:
            limits = self._limits
            kept += limits.head_bytes - self._head_left + limits.body_bytes - self._body_left
            kept += len(self._body) * _OF_A_PIECE
        return kept

    def so_far(self) -> Request:
        """Return what is known of the request that was refused, for the words of the refusal."""
        method = self._parser.get_method().decode("ascii") if self._url else "GET"
        try:
            path, query = _split(self._url)
        except httptools.HttpParserError:
            path, query = "", ""
        return Request(method=method, path=path, query=query, headers=self._head)

    def feed(self, data: bytes) -> None:
        """Read *data*, up to the first fault."""
        if self.refused is not None:
            return
        begins, count = not self.in_request, len(self.parsed)
        if begins and len(data) == self._length and data.startswith(self._again):
            self._repeat(data)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # Any server may decline to upgrade: the request is answered as if it had not asked,
            # and since the parser reads no further, it is the connection's last.
            if self.parsed:
                self.parsed[-1] = replace(self.parsed[-1], keep_alive=False)
        except httptools.HttpParserInvalidURLError:
            line, end, rest = data.partition(b"\r\n")
            if not (begins and end) or self.parsed or line.isascii():
                self.refused = Refused(400, _TARGET)
                return
            # curl and others send a path as it is typed. It is encoded where the request begins
            # with it: then nothing else can be mistaken for a part of it.
            self._parser = httptools.HttpRequestParser(self)
            self.feed(_BEYOND_ASCII.sub(_percent, line) + end + rest)
        except httptools.HttpParserError as error:
            if self.refused is None:
                self.refused = Refused(400, f"Expected HTTP/1.1: {error}")
        else:
            if begins and len(self.parsed) == count + 1 and not self.in_request:
                self._remember(data)

    def _remember(self, data: bytes) -> None:
        """
        Keep the head of a request that came alone and whole in *data*, in case it comes again.

        The parser knows nothing from one request to the next, so that the same bytes mean the
        same again, and whoever polls sends the same head each time. Only the plainest are kept.
        """
        one = self.parsed[-1]
        head = data[: len(data) - len(one.request.body)]
        if (
            one.keep_alive
            and len(head) <= _LONGEST_KEPT
            and head.find(_BLANK_LINE) == len(head) - len(_BLANK_LINE)
            and one.request.headers.keys().isdisjoint(("expect", "transfer-encoding", "upgrade"))
        ):
            self._again, self._length = head, len(data)
            self._last = replace(one, request=replace(one.request, body=b""))

    def _repeat(self, data: bytes) -> None:
        """Take a request whose head is the one that is kept; its body is as long."""
        request = replace(self._last.request, body=data[len(self._again) :])
        self.parsed.append(replace(self._last, request=request))

    def close(self) -> None:
        """Be fed no more. The parser knows this object; what knows each other lives for long."""
        del self._parser

    # What httptools calls, in this order; an exception in one of them ends the feeding.

    def on_message_begin(self) -> None:
        self._clear()
        self.in_request = True

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._head_left -= len(url)
        if self._head_left < 0:
            self._refuse_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        # For each header of each request: another call would cost as much as what is done here.
        self._head_left -= len(name) + len(value) + _OF_A_HEADER
        if self._head_left < 0:
            self._refuse_head()
        key, text, headers = name.decode("latin-1").lower(), value.decode("latin-1"), self._headers
        headers[key] = text if key not in headers else f"{headers[key]}, {text}"

    def on_headers_complete(self) -> None:
        headers = self._headers
        http_version = self._http_version = self._parser.get_http_version()
        if http_version not in ("1.0", "1.1"):
            self._refuse(505, f"Expected HTTP/1.1, got HTTP/{http_version}.")
        host = headers.get("host")
        if (host is None and http_version == "1.1") or (host and "," in host):
            self._refuse(400, "Expected one Host header.")
        # The parser has refused what is no number, and leaves the blanks behind one.
        length = headers.get("content-length", "0").rstrip(" \t")
        if not length.isdecimal() or int(length) > self._limits.body_bytes:
            self._refuse(413, f"Expected a body of at most {self._limits.body_bytes} bytes.")
        expectation = headers.get("expect")
        if expectation is not None:
            if expectation.strip().lower() != "100-continue":
                self._refuse(417, "Expected no expectation but 100-continue.")
            self.expects = http_version == "1.1"
        # What stands behind a body in chunks, like a header, says nothing of who asks.
        self._head, self._headers = headers, {} if "transfer-encoding" in headers else headers

    def on_body(self, body: bytes) -> None:
        self.expects = False
        self._body_left -= len(body)
        if self._body_left < 0:
            self._refuse(413, f"Expected a body of at most {self._limits.body_bytes} bytes.")
        self._body.append(body)

    def on_message_complete(self) -> None:
        self.in_request = self.expects = False
        path, query = _split(self._url)
        request = Request(
            method=self._parser.get_method().decode("ascii"),
            path=path,
            query=query,
            headers=self._head,
            body=self._body[0] if len(self._body) == 1 else b"".join(self._body),
            client=self._client,
        )
        chunks = self._http_version == "1.1"
        self.parsed.append(Parsed(request, self._parser.should_keep_alive(), chunks))

    def _clear(self) -> None:
        self._url = b""
        self._headers = {}
        self._head = self._headers
        self._http_version = ""
        self._body: list[bytes] = []
        self._head_left, self._body_left = self._limits.head_bytes, self._limits.body_bytes

    def _refuse_head(self) -> None:
        self._refuse(431, f"Expected a head of at most {self._limits.head_bytes} bytes.")

    def _refuse(self, status: int, detail: str) -> None:
        self.refused = Refused(status, detail)
        raise self.refused


def _percent(byte: re.Match[bytes]) -> bytes:
    return b"%%%02X" % byte[0][0]


def _split(url: bytes) -> tuple[str, str]:
    """Return the decoded path and the raw query of a request target in any of its forms."""
    if not url.startswith(b"/"):
        parts = httptools.parse_url(url)
        path, query = parts.path or b"/", parts.query or b""
    else:
        path, _, query = url.partition(b"?")
    text = path.decode("latin-1")
    return unquote(text) if "%" in text else text, query.decode("latin-1")
