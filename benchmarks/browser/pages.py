"""The pages that are measured, and the server that they come from."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from pennon.model.bootstrap import bootstrap_tag

_JAVASCRIPT: Final = "text/javascript; charset=utf-8"
_FLAGS: Final = {f"flag-{n}": {"value": n % 2 == 1, "variation": n % 2} for n in range(50)}
_OFREP: Final = {
    "flags": [
        {"key": key, "value": flag["value"], "reason": "STATIC", "variant": "on", "metadata": {}}
        for key, flag in _FLAGS.items()
    ]
}


def page_of(script: str, *, inline: bool, path: str = "") -> str:
    """Return a page with flags in it and a program, which stands in it or at *path*."""
    text = script.replace("</script", "<\\/script")
    tag = f'<script type="module">{text}</script>' if inline else ""
    link = "" if inline else f'<script type="module" src="{path}"></script>'
    payload = {"version": "v7", "epoch": "1763812800000-9f3a01c2", "flags": _FLAGS}
    return f"<!doctype html><title>Shop</title>{bootstrap_tag(payload)}{tag}{link}<p>A shop"


@contextmanager
def served(pages: Mapping[str, tuple[str, bytes]]) -> Iterator[str]:
    """
    Serve *pages*, each a type and a body by its path, and answer whoever asks for flags.

    The value is the site's address.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind, body = pages.get(self.path, ("text/plain", b""))
            self._answer(200 if self.path in pages else 404, kind, body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            if "ofrep" in self.path:
                self._answer(200, "application/json", json.dumps(_OFREP).encode())
            else:
                self._answer(503, "application/json", b"{}")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a page that was left before it was answered."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pages_of(scripts: Mapping[str, str]) -> dict[str, tuple[str, bytes]]:
    """Return all that is served: each program, a page that names it, and one that holds it."""
    pages: dict[str, tuple[str, bytes]] = {"/favicon.ico": ("image/x-icon", b"")}
    html = "text/html; charset=utf-8"
    for name, script in scripts.items():
        pages[f"/{name}.js"] = (_JAVASCRIPT, script.encode())
        linked = page_of(script, inline=False, path=f"/{name}.js")
        pages[f"/{name}"] = (html, linked.encode())
        pages[f"/{name}/inline"] = (html, page_of(script, inline=True).encode())
    return pages
