"""
A double of the part of Cloudflare's REST API that writes and reads a KV namespace.

It was written from Cloudflare's documentation, and has never been held against the service. It
takes one write a second of a key, by a clock that tests move, and refuses whoever lacks the token.
"""

from __future__ import annotations

import email.parser
import email.policy
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qs, unquote

import httpx2
import msgspec

from pennon.kv.cloudflare import CloudflareDatafiles
from pennon.kv.cloudflare_address import CloudflareAddress
from tests.builders.relay import Clock

ACCOUNT: Final = CloudflareAddress("a" * 32, "b" * 32)
TOKEN: Final = "a token"
_ROOT: Final = f"/client/v4/accounts/{'a' * 32}/storage/kv/namespaces/{'b' * 32}/"


class CloudflareKv:
    """One namespace: `values` and `metadata` by key. While `is_down` it cannot be reached."""

    def __init__(self, page: int = 1_000) -> None:
        self.values: dict[str, bytes] = {}
        self.metadata: dict[str, Any] = {}
        self.clock = Clock(100.0)
        self.is_down = False
        self._page = page
        self._written_at: dict[str, float] = {}

    def datafiles(self, token: str = TOKEN) -> CloudflareDatafiles:
        """Return the store that a publisher would write to."""
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))
        return CloudflareDatafiles(client, ACCOUNT, token, "https://api.example")

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.is_down:
            raise httpx2.ConnectError("out of reach")
        if request.headers["authorization"] != f"Bearer {TOKEN}":
            return _failure(403, "Authentication error")
        path = request.url.raw_path.decode().partition("?")[0]
        what, _, key = path.removeprefix(_ROOT).partition("/")
        match request.method, what:
            case "PUT", "values":
                return self._put(unquote(key), request)
            case "GET", "values" if unquote(key) in self.values:
                return httpx2.Response(200, content=self.values[unquote(key)])
            case "GET", "metadata" if unquote(key) in self.values:
                return _success(self.metadata[unquote(key)])
            case "GET", "keys":
                return self._list(parse_qs(request.url.query.decode()))
            case _:
                return _failure(404, "key not found")

    def _put(self, key: str, request: httpx2.Request) -> httpx2.Response:
        now = self.clock()
        if now - self._written_at.get(key, -1.0) < 1.0:
            return _failure(429, "one write a second of a key")
        self._written_at[key] = now
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        parser = email.parser.BytesParser(policy=email.policy.HTTP)
        parts: Sequence[Any] = parser.parsebytes(head + request.content).get_payload()  # type: ignore[assignment]
        given = {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in parts
        }
        self.values[key] = given["value"]
        self.metadata[key] = msgspec.json.decode(given["metadata"])
        return _success(None)

    def _list(self, query: dict[str, list[str]]) -> httpx2.Response:
        names = sorted(self.values)
        start = int(query.get("cursor", ["0"])[0])
        page = names[start : start + self._page]
        following = start + self._page
        cursor = str(following) if following < len(names) else ""
        keys = [{"name": name, "metadata": self.metadata[name]} for name in page]
        return _success(keys, result_info={"count": len(keys), "cursor": cursor})


def _success(result: Any, **more: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"success": True, "errors": [], "result": result, **more})


def _failure(status: int, message: str) -> httpx2.Response:
    errors = [{"code": 10_000, "message": message}]
    return httpx2.Response(status, json={"success": False, "errors": errors, "result": None})
