"""`@pennon/browser` in a page in Chromium: at once, without a request, then live."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from pennon.model.bootstrap import bootstrap_tag
from tests.builders.browser import ROOT, Served, Site, bundle
from tests.tree.asking import PRODUCTION, Origin, eventually
from tests.tree.processes import Process, Tree, a_tree

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        not (ROOT / "node_modules/esbuild").is_dir(), reason="needs what `npm ci` installs"
    ),
]

ADA: Final = {"targetingKey": "ada", "plan": "pro"}
PATIENCE_MS: Final = 30_000
HOSTILE: Final = ("</script><script>window.broken = 1</script>", "<!--<script>", "\u2028\u2029")


@pytest.fixture(scope="module")
def script() -> str:
    """Give the page's program, to stand in it."""
    return bundle(ROOT / "tests/clients/visit.mjs", "iife").replace("</script", "<\\/script")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Give an origin with flags whose exposures are told."""
    with a_tree(tmp_path_factory.mktemp("tree")) as tree:
        tree.start_origin()
        Origin(tree).ask("PATCH", f"{PRODUCTION}/flags/new-checkout", json={"track": "all"})
        yield tree


@pytest.fixture(scope="module")
def edge(tree: Tree) -> Process:
    """Give an edge below it."""
    edge = tree.start_edge("ams")
    edge.until_ready()
    return edge


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a visitor."""
    context = browser.new_context()
    yield context
    context.close()


def asked_bootstrap(tree: Tree, url: str) -> bytes:
    """Return what a server that renders a page is given for it."""
    answer = httpx2.post(
        f"{url}/bootstrap/v1",
        json={"context": ADA},
        headers={"Authorization": f"Bearer {tree.keys['serverKey']}"},
    )
    assert answer.status_code == 200
    return answer.content


def a_page(script: str, tag: str = "", nonce: str = "", **setup: Any) -> str:
    """Return a page that is given *tag*, and whose client is set up with *setup*."""
    attribute = f' nonce="{nonce}"' if nonce else ""
    return (
        f"<!doctype html><title>Shop</title>{tag}"
        f"<script{attribute}>window.setup = {json.dumps(setup)};</script>"
        f"<script{attribute}>{script}</script><p id=shown>nothing"
    )


def setup_of(tree: Tree, url: str) -> dict[str, Any]:
    """Return what the client needs to ask an edge."""
    return {"url": url, "key": tree.keys["clientKey"], "context": ADA}


def requests_of(page: Page) -> list[str]:
    """Return a list of the addresses that a page asks for, from now on."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    return asked


def until(page: Page, holds: str) -> None:
    """Return once an expression holds in the page."""
    page.wait_for_function(holds, timeout=PATIENCE_MS)


class TestStart:
    def test_first_value_without_a_request(
        self, context: BrowserContext, site: Site, tree: Tree, edge: Process, script: str
    ) -> None:
        """The page shows what it brings; by the browser's log, it asks only after that."""
        origin, url = Origin(tree), edge.ready["url"]
        origin.receipt(origin.switch(True), "ams")
        tag = bootstrap_tag(asked_bootstrap(tree, url))
        site.served["/start"] = Served(a_page(script, tag, **setup_of(tree, url)))
        page = context.new_page()
        log = context.new_cdp_session(page)
        log.send("Network.enable")
        log.send("Performance.enable")
        asked: list[dict[str, Any]] = []
        log.on("Network.requestWillBeSent", lambda one: asked.append(one))
        with page.expect_request(lambda one: one.url.startswith(url), timeout=PATIENCE_MS):
            page.goto(f"{site.url}/start")
        first_paint = page.evaluate("performance.getEntriesByName('first-paint')[0].startTime")
        metrics = log.send("Performance.getMetrics")["metrics"]
        begun = next(one["value"] for one in metrics if one["name"] == "NavigationStart")
        first, told = page.evaluate("first"), page.evaluate("told")
        to_edge = [one for one in asked if one["request"]["url"].startswith(url)]

        assert (first["value"], first["source"]) == (True, "bootstrap")
        assert told[0]["value"] is True
        assert to_edge
        assert all(one["timestamp"] > begun + first_paint / 1000 for one in to_edge)

    def test_no_request_at_all(self, context: BrowserContext, site: Site, script: str) -> None:
        """A page that wants no updates asks nobody."""
        tag = bootstrap_tag({"flags": {"new-checkout": {"value": True, "variation": 1}}})
        site.served["/alone"] = Served(a_page(script, tag))
        page = context.new_page()
        asked = requests_of(page)
        page.goto(f"{site.url}/alone")
        page.get_by_text("true from bootstrap").wait_for(timeout=PATIENCE_MS)

        assert asked == [f"{site.url}/alone"]

    @pytest.mark.parametrize("executable", [True, False], ids=["script", "data"])
    def test_strict_page_with_hostile_values(
        self, context: BrowserContext, site: Site, script: str, executable: bool
    ) -> None:
        """Under a strict policy, values that would end a script or a line are values."""
        flags = {f"f{at}": {"value": text, "variation": at} for at, text in enumerate(HOSTILE)}
        tag = bootstrap_tag({"flags": flags}, nonce="r4nd0m", executable=executable)
        policy = "default-src 'none'; script-src 'nonce-r4nd0m'"
        site.served["/strict"] = Served(
            a_page(script, tag, "r4nd0m"), headers=(("content-security-policy", policy),)
        )
        page = context.new_page()
        page.goto(f"{site.url}/strict")
        read = page.evaluate("['f0', 'f1', 'f2'].map(flag => flags.string(flag, ''))")

        assert read == list(HOSTILE)
        assert page.evaluate("[window.broken ?? null, errors]") == [None, []]


class TestChanges:
    def test_a_flip_reaches_the_open_page(
        self, context: BrowserContext, site: Site, tree: Tree, edge: Process, script: str
    ) -> None:
        """Nobody reloads: the stream goes on from what the page brought."""
        origin, url = Origin(tree), edge.ready["url"]
        origin.receipt(origin.switch(True), "ams")
        tag = bootstrap_tag(asked_bootstrap(tree, url))
        site.served["/live"] = Served(a_page(script, tag, **setup_of(tree, url)))
        page = context.new_page()
        asked = requests_of(page)
        page.goto(f"{site.url}/live")
        origin.switch(False)
        page.get_by_text("false from edge").wait_for(timeout=PATIENCE_MS)
        origin.switch(True)
        page.get_by_text("true from edge").wait_for(timeout=PATIENCE_MS)

        assert asked.count(f"{url}/client/v1/stream") == 1
        assert page.evaluate("errors") == []

    def test_offline_reload(
        self, context: BrowserContext, site: Site, tree: Tree, script: str
    ) -> None:
        """A page that brings nothing begins with what the last visit had; nobody else gets it."""
        origin, edge = Origin(tree), tree.start_edge("fra")
        url: str = edge.until_ready()["url"]
        origin.receipt(origin.switch(True), "fra")
        setup = setup_of(tree, url)
        site.served["/offline"] = Served(a_page(script, **setup))
        site.served["/other"] = Served(a_page(script, **{**setup, "context": {"key": "ben"}}))
        page = context.new_page()
        page.goto(f"{site.url}/offline")
        page.get_by_text("true from edge").wait_for(timeout=PATIENCE_MS)
        edge.kill()
        page.reload()
        until(page, "errors.length > 0")
        mine = page.evaluate("[first.value, first.source, flags.getSnapshot().stale]")
        page.goto(f"{site.url}/other")
        others = page.evaluate("[first.value, first.errorCode]")

        assert mine == [True, "cache", True]
        assert others == [None, "NOT_READY"]


class TestEvents:
    def test_arrive_once_after_the_tab_closes(
        self, context: BrowserContext, site: Site, tree: Tree, edge: Process, script: str
    ) -> None:
        """What a page did is told as it is closed, and counts once though it was under way."""
        url = edge.ready["url"]
        visitor = {"targetingKey": "eve", "plan": "pro"}
        tag = bootstrap_tag(
            {"flags": {"new-checkout": {"value": True, "variation": 1, "track": True}}}
        )
        setup = {**setup_of(tree, url), "context": visitor}
        site.served["/closing"] = Served(a_page(script, tag, **setup))
        page = context.new_page()
        page.goto(f"{site.url}/closing")
        page.evaluate("flags.track('purchase', 9.5); void flags.flush()")
        page.evaluate("flags.track('left')")
        page.close(run_before_unload=True)

        def told() -> list[str]:
            items = Origin(tree).ask("GET", f"{PRODUCTION}/events?limit=100")["items"]
            mine = [one for one in items if "eve" in json.dumps(one)]
            return sorted(one.get("name") or one["flag"] for one in mine)

        eventually(lambda: len(told()) >= 3)

        assert told() == ["left", "new-checkout", "purchase"]
