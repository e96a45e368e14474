"""
A shop whose pages have their flags before they ask, and hear of changes while they are open.

    PENNON_SERVER_KEY=pnn_srv_… PENNON_CLIENT_KEY=pnn_cli_… python examples/shop/shop.py

The server evaluates with the Python SDK and puts what it served into the page; the page's script
reads that at once, and then follows the edge by itself, with the key that is for pages.
"""

from __future__ import annotations

import html
import json
import os
import secrets
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template

from pennon import Client

HERE = Path(__file__).parent
BUILT = HERE.parents[1] / "packages/browser/dist/pennon.js"
URL = os.environ.get("PENNON_URL", "http://127.0.0.1:8620")

flags = Client(url=URL)
page = Template((HERE / "page.html").read_text())
scripts = {
    "/shop.js": (HERE / "shop.js").read_bytes(),
    "/pennon.js": Path(os.environ.get("PENNON_SCRIPT", BUILT)).read_bytes(),
}


def render(visitor: str, nonce: str) -> str:
    """Return the shop as *visitor* sees it."""
    context = {"targetingKey": visitor, "plan": "pro"}
    setup = {"url": URL, "key": os.environ["PENNON_CLIENT_KEY"], "context": context}
    new = flags.boolean("new-checkout", context, default=False)
    return page.substitute(
        nonce=nonce,
        bootstrap=flags.bootstrap_tag(context, nonce=nonce),
        setup=html.escape(json.dumps(setup)),
        checkout="Buy now" if new else "Go to checkout",
    )


class Shop(BaseHTTPRequestHandler):
    """Answers with the shop, or one of its scripts."""

    def do_GET(self) -> None:
        if self.path in scripts:
            self.answer(scripts[self.path], "text/javascript; charset=utf-8")
        elif self.path == "/":
            cookie = SimpleCookie(self.headers.get("cookie", "")).get("visitor")
            visitor = cookie.value if cookie else secrets.token_hex(8)
            nonce = secrets.token_urlsafe(16)
            self.answer(
                render(visitor, nonce).encode(),
                "text/html; charset=utf-8",
                ("set-cookie", f"visitor={visitor}; HttpOnly; SameSite=Lax"),
                # What stands in the page is one visitor's.
                ("cache-control", "private, no-cache"),
                (
                    "content-security-policy",
                    f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
                    f"connect-src {URL}",
                ),
            )
        else:
            self.send_error(404)

    def answer(self, body: bytes, content_type: str, *headers: tuple[str, str]) -> None:
        """Send *body*."""
        self.send_response(200)
        for name, value in (("content-type", content_type), *headers):
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(port: int) -> None:
    """Serve the shop until it is interrupted."""
    with flags, ThreadingHTTPServer(("127.0.0.1", port), Shop) as server:
        print(f"The shop is at http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8700)
