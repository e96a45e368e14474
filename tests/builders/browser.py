"""Pages in a real browser: a Chromium, a server for what it opens, and scripts as one file."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
"""Debian's package; `make test` installs it."""

# A browser calls home, and its sandbox does not start for root.
_ALONE = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
_AS_ROOT = ("--no-sandbox",) if os.geteuid() == 0 else ()


@contextmanager
def a_chromium() -> Iterator[Browser]:
    """Give a browser for the length of a block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*_ALONE, *_AS_ROOT, "--disable-gpu", "--disable-quic", "--no-first-run"],
        )
        try:
            yield browser
        finally:
            browser.close()


def bundle(program: Path, form: str = "esm", name: str | None = None) -> str:
    """
    Return a program and all that it imports as one script.

    As ``"iife"`` it is no module: it runs where it stands in a page, and what it exports is the
    global *name*.
    """
    made = subprocess.run(
        [
            *(ROOT / "scripts/with-node", "node", ROOT / "node_modules/esbuild/bin/esbuild"),
            *(program, "--bundle", f"--format={form}", "--target=es2022", "--log-level=error"),
            "--conditions=pennon-source",
            *([f"--global-name={name}"] if name else []),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return made.stdout


class Served(NamedTuple):
    """What is answered at a path."""

    body: str
    type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class Site:
    """A web site of a few pages; `served` may be written to while it runs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.served: dict[str, Served] = {"/favicon.ico": Served("", "image/x-icon")}


@contextmanager
def a_site() -> Iterator[Site]:
    """Serve a site on an origin of its own, for the length of a block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.site = Site(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.site  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        found = site.served.get(self.path.partition("?")[0])
        self.send_response(200 if found else 404)
        if found:
            body = found.body.encode()
            for name, value in found.headers:
                self.send_header(name, value)
            self.send_header("content-type", found.type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            self.send_header("content-length", "0")
            self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""
