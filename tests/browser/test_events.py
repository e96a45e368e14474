"""`navigator.sendBeacon` in a real page that is about to go: no header, no preflight, no answer."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser

from tests.builders.browser import Served, Site
from tests.tree.processes import a_tree
from tests.tree.test_evaluations import eventually

pytestmark = pytest.mark.timeout(120)


def test_beacon(browser: Browser, site: Site, tmp_path: Path) -> None:
    """What a page of another origin says as it is left arrives, its key in the body."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        told = {
            "key": tree.keys["clientKey"],
            "id": "page-1-of-the-visit",
            "context": {"targetingKey": "ada"},
            "events": [{"kind": "custom", "name": "left", "properties": {"page": "/basket"}}],
        }
        site.served["/leaving"] = Served(
            f"<!doctype html><title>Shop</title><script>const told = {json.dumps(told)};"
            "addEventListener('pagehide', () =>"
            f" navigator.sendBeacon('{tree.url}/events/v1', JSON.stringify(told)));</script>"
        )
        site.served["/elsewhere"] = Served("<!doctype html><title>Elsewhere</title>")
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{site.url}/leaving")
        page.goto(f"{site.url}/elsewhere")

        def arrived() -> list[dict[str, str]]:
            answer = httpx2.get(
                f"{tree.url}/api/v1/projects/shop/environments/production/events",
                headers={"Authorization": f"Bearer {tree.keys['adminToken']}"},
            )
            return [one["units"] for one in answer.json()["items"]]

        eventually(lambda: bool(arrived()))
        context.close()

        assert arrived() == [{"user": "ada"}]
