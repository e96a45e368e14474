"""Requests that are right: one of each kind that the data plane answers, to be mutated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

Header = tuple[bytes, bytes]

FLAGS: Final = b"/ofrep/v1/evaluate/flags"
SHOP: Final = "shop/production"
CONTEXT: Final[dict[str, Any]] = {
    "targetingKey": "ada",
    "email": "ada@example.com",
    "plan": "pro",
    "age": 36,
    "beta": True,
    "tags": ["a", "b"],
    "address": {"country": "NL", "city": "Zürich"},
}


@dataclass(frozen=True)
class Sent:
    """A request as its parts; `host` and the length are headers like any other."""

    method: bytes
    target: bytes
    headers: tuple[Header, ...]
    body: bytes = b""

    def encode(self) -> bytes:
        """Return it as it goes over the wire."""
        return self.head() + self.body

    def head(self) -> bytes:
        """Return all but the body."""
        lines = b"".join(b"%b: %b\r\n" % header for header in self.headers)
        return b"%b %b HTTP/1.1\r\n%b\r\n" % (self.method, self.target, lines)

    def without(self, *names: bytes) -> Sent:
        """Return it without the headers of these names."""
        return replace(self, headers=tuple(h for h in self.headers if h[0].lower() not in names))

    def having(self, name: bytes, value: bytes) -> Sent:
        """Return it with one more header."""
        return replace(self, headers=(*self.headers, (name, value)))

    def saying(self, body: bytes) -> Sent:
        """Return it with another body, and the length of that."""
        changed = replace(self.without(b"content-length"), body=body)
        return changed.having(b"Content-Length", b"%d" % len(body))


def good_one(keys: Mapping[str, Any]) -> Sent:
    """Return the request that is asked after every other: one flag, for one context."""
    return _post(FLAGS + b"/new-checkout", keys["serverKey"], {"context": CONTEXT})


def requests(keys: Mapping[str, Any], stream: str) -> list[Sent]:
    """Return a request of each kind; *keys* are those of `pennon up`, *stream* a page's address."""
    server, client, relay = keys["serverKey"], keys["clientKey"], keys["relayKey"]
    position = f"{SHOP}@0-00000000.1"
    empty: dict[str, Any] = {"context": {}}
    told = {
        "id": "5f0c7c6e-2f5b-4d0b-9a3e-8d1c7b6a5f4e",
        "context": CONTEXT,
        "events": [
            {"kind": "exposure", "flag": "new-checkout", "variation": 0},
            {"kind": "custom", "name": "paid", "value": 9.5, "properties": {"currency": "EUR"}},
        ],
    }
    streaming = (b"Accept", b"text/event-stream")
    batch = {"id": "b" * 32, "node": "fuzz", "counts": {}, "contexts": {}}
    return [
        good_one(keys),
        good_one(keys).having(b"X-Pennon-Environment", SHOP.encode()),
        _post(FLAGS, server, {"context": CONTEXT}),
        _post(FLAGS, client, {"context": CONTEXT}).having(b"Origin", b"https://a.example"),
        _post(FLAGS + b"?flagConfigEtag=0-00000000.1", client, empty),
        _post(b"/bootstrap/v1", client, {"context": CONTEXT}),
        _post(b"/client/v1/stream", client, {"context": CONTEXT}),
        _post(b"/client/v1/stream", client, {"context": CONTEXT}).having(*streaming),
        _get(b"/client/v1/stream?token=" + b"a" * 200, None),
        _post(b"/events/v1", client, told),
        _post(b"/events/v1", server, {**told, "key": client, "environment": SHOP}),
        _get(stream.encode(), None),
        _get(b"/sync/v1/stream?environment=" + SHOP.encode(), relay),
        _post(b"/sync/v1/stream", relay, {"environments": {SHOP: None, "$access": None}}),
        _get(b"/sync/v1/changes?environment=" + position.encode(), relay),
        _get(b"/sync/v1/datafile?environment=" + SHOP.encode(), relay),
        _post(b"/sync/v1/segments/vip/members", relay, {"environment": SHOP, "keys": ["ada"]}),
        _post(b"/sync/v1/acks", relay, {"acks": []}),
        _post(b"/sync/v1/nodes", relay, {"nodes": []}),
        _post(b"/sync/v1/events", relay, batch),
        _get(b"/healthz/live", None),
        _get(b"/healthz/ready", None),
        _get(b"/metrics", relay),
        replace(_get(FLAGS, None), method=b"OPTIONS").having(b"Origin", b"https://a.example"),
        replace(_get(b"/healthz/ready", None), method=b"HEAD"),
    ]


def _get(target: bytes, key: str | None) -> Sent:
    headers: tuple[Header, ...] = ((b"Host", b"edge.example"),)
    if key is not None:
        headers = (*headers, (b"Authorization", b"Bearer " + key.encode()))
    return Sent(b"GET", target, headers)


def _post(target: bytes, key: str, body: object) -> Sent:
    sent = replace(_get(target, key), method=b"POST")
    sent = sent.having(b"Content-Type", b"application/json")
    return sent.saying(json.dumps(body, ensure_ascii=False).encode())
