"""A management API of a few lines on a real socket, for commands that speak to an origin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PREFIX = "/api/v1/projects/shop/environments/production/flags"
TOKEN = "pnn_adm_for-tests"
REFUSAL = {
    "title": "The input is wrong",
    "detail": "?q: expected something else",
    "errors": [{"path": "?q", "message": "expected something else"}],
}
"""What a list is answered that asks for ``refuse``."""


@dataclass
class ManagementApi:
    """What the API holds, and what it was told."""

    flags: dict[str, dict[str, Any]]
    url: str = ""
    page_size: int = 2
    comments: list[str | None] = field(default_factory=list)
    queries: list[dict[str, list[str]]] = field(default_factory=list)
    evaluations: dict[str, Any] = field(default_factory=dict)


def a_flag(key: str = "new-checkout", **fields: Any) -> dict[str, Any]:
    """Return a boolean flag as the API shows it."""
    return {
        "key": key,
        "type": "boolean",
        "enabled": False,
        "version": 7,
        "variations": [{"name": "off", "value": False}, {"name": "on", "value": True}],
        "off": "off",
        "default": {"variation": "on"},
        **fields,
    }


@contextmanager
def serving(*flags: dict[str, Any]) -> Iterator[ManagementApi]:
    """Serve *flags* on a free port of the loopback for the length of a block."""
    api = ManagementApi({flag["key"]: flag for flag in flags})
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(api: ManagementApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if not self._allowed():
                return
            if "q=refuse" in url.query:
                self._answer(400, REFUSAL)
            elif url.path == PREFIX:
                self._answer(200, self._page(parse_qs(url.query)))
            elif url.path.endswith("/evaluations"):
                self._answer(200, api.evaluations)
            else:
                self._with_flag(url.path, lambda flag: flag)

        def do_PATCH(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self._allowed():
                return
            comment = self.headers["X-Pennon-Comment"]
            api.comments.append(None if comment is None else unquote(comment))
            self._with_flag(self.path, lambda flag: self._patched(flag, body))

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output quiet."""

        def _allowed(self) -> bool:
            if self.headers["Authorization"] == f"Bearer {TOKEN}":
                return True
            self._answer(401, {"detail": "No such token."})
            return False

        def _page(self, query: dict[str, list[str]]) -> dict[str, Any]:
            api.queries.append(query)
            found = [flag for key, flag in api.flags.items() if query.get("q", [""])[0] in key]
            start = int(query.get("cursor", ["0"])[0])
            end = start + min(api.page_size, int(query["limit"][0]))
            following = str(end) if end < len(found) else None
            return {"items": found[start:end], "next": following}

        def _patched(self, flag: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
            flag.update(patch, version=flag["version"] + 1)
            flag["propagation"] = f"/api/v1/versions/{flag['version']}/propagation"
            return flag

        def _with_flag(self, path: str, change: Any) -> None:
            key = unquote(path.removeprefix(f"{PREFIX}/"))
            if key in api.flags:
                self._answer(200, change(api.flags[key]))
            else:
                self._answer(404, {"title": "Not found", "detail": f"There is no flag '{key}'."})

        def _answer(self, status: int, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
