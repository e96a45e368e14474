"""The bootstrap tag in a real page: whatever a value holds, the page gets it and nothing runs."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from pennon.model.bootstrap import NAME, bootstrap_tag
from tests.builders.browser import Served, Site

pytestmark = pytest.mark.timeout(120)

HOSTILE: Final = (
    "</script><script>window.broken = 1</script>",
    "<!--<script>",
    "]]>",
    "\u2028\u2029",
    "\0\x7f\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "'\"`${window.broken = 1}\\",
    "&lt;/script&gt;",
)
PAYLOAD: Final[dict[str, Any]] = {
    "version": "v7",
    "flags": {
        **{f"text-{at}": {"value": text, "variation": at} for at, text in enumerate(HOSTILE)},
        "names": {"value": dict.fromkeys((*HOSTILE, "__proto__"), 1), "variation": 0},
        "__proto__": {"value": True, "variation": 1},
    },
}
STRICT: Final = "default-src 'none'; script-src 'nonce-r4nd0m'"
READ_DATA: Final = f'JSON.parse(document.getElementById("{NAME}").textContent)'


def seen(browser: Browser, site: Site, tag: str, read: str, *, policy: str = "") -> dict[str, Any]:
    """Return what a page that holds *tag* reads of it."""
    script = f'<script nonce="r4nd0m">window.read = JSON.stringify({read});</script>'
    headers = (("content-security-policy", policy),) if policy else ()
    site.served["/"] = Served(
        f"<!doctype html><title>Shop</title>{tag}{script}<p id=end>end", headers=headers
    )
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(site.url)
        told: dict[str, Any] = page.evaluate(
            "({read: window.read, broken: window.broken ?? null,"
            " end: document.getElementById('end')?.textContent})"
        )
    finally:
        context.close()
    return {**told, "read": json.loads(told["read"])}


class TestTag:
    def test_script(self, browser: Browser, site: Site) -> None:
        """A script gives the page the very payload, and the rest of the page stays whole."""
        told = seen(browser, site, bootstrap_tag(PAYLOAD), f"window.{NAME}")

        assert told == {"read": PAYLOAD, "broken": None, "end": "end"}

    def test_nonce(self, browser: Browser, site: Site) -> None:
        """With its nonce it passes a strict policy."""
        tag = bootstrap_tag(PAYLOAD, nonce="r4nd0m")
        told = seen(browser, site, tag, f"window.{NAME}", policy=STRICT)

        assert told["read"] == PAYLOAD

    def test_without_nonce(self, browser: Browser, site: Site) -> None:
        """The policy is in force: a script without the nonce does not run."""
        told = seen(browser, site, bootstrap_tag(PAYLOAD), f"window.{NAME} ?? 0", policy=STRICT)

        assert told["read"] == 0

    def test_data(self, browser: Browser, site: Site) -> None:
        """As data it needs no nonce, and is read from its element."""
        tag = bootstrap_tag(PAYLOAD, executable=False)
        told = seen(browser, site, tag, READ_DATA, policy=STRICT)

        assert told == {"read": PAYLOAD, "broken": None, "end": "end"}
