"""`@pennon/browser/react` in Chromium: what a server rendered comes to life, and changes."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import Browser

from pennon.model.bootstrap import bootstrap_tag
from tests.builders.browser import ROOT, Served, Site, bundle

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(
        not (ROOT / "node_modules/react-dom").is_dir(), reason="needs what `npm ci` installs"
    ),
]
PATIENCE_MS: Final = 30_000
FLAGS: Final = {
    "new-checkout": {"value": True, "variation": 1, "track": True},
    "banner": {"value": "red", "variation": 0},
}
RENDERED: Final = '<div id=shop><button>Buy now</button><p id="banner">red</p></div>'


def test_a_page_comes_to_life(browser: Browser, site: Site) -> None:
    """React takes the server's elements as they are, and renders those whose flags change."""
    script = bundle(ROOT / "tests/clients/react.mjs", "iife").replace("</script", "<\\/script")
    tag = bootstrap_tag({"flags": FLAGS})
    site.served["/react"] = Served(
        f"<!doctype html><title>Shop</title>{tag}{RENDERED}"
        "<script>window.first = document.querySelector('button');"
        " window.process = {env: {NODE_ENV: 'production'}};</script>"
        f"<script>{script}</script>"
    )
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/react")
    page.wait_for_function("window.isFollowing?.()", timeout=PATIENCE_MS)
    page.wait_for_function("exposed.length > 0", timeout=PATIENCE_MS)
    page.evaluate("take({banner: {value: 'blue', variation: 1}}, [])")
    page.get_by_text("blue").wait_for(timeout=PATIENCE_MS)
    others = page.evaluate("renders.slice()")
    page.evaluate("take({'new-checkout': {value: false, variation: 0, track: true}}, [])")
    page.get_by_text("Go to checkout").wait_for(timeout=PATIENCE_MS)
    kept, exposed, errors, renders = page.evaluate(
        "[document.querySelector('button') === first, exposed, errors, renders]"
    )
    context.close()

    assert (kept, errors) == (True, [])
    assert set(others) == {True}
    assert renders == [*others, False]
    assert exposed[0] == ["new-checkout", 1]
    assert exposed[-1] == ["new-checkout", 0]
