"""
OFREP's web provider, unmodified, in a page in Chromium: the page is one origin, the edge another.

What a browser insists on is real here: preflights, headers that a page may read, EventSource.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.builders.browser import ROOT, Served, Site, bundle
from tests.tree.asking import Origin, eventually
from tests.tree.processes import Process, Tree, a_tree

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        not (ROOT / "node_modules/@openfeature/ofrep-web-provider").is_dir(),
        reason="needs what `npm ci` installs",
    ),
]

FLAGS = "/ofrep/v1/evaluate/flags"
PATIENCE_MS = 30_000


@pytest.fixture(scope="module", autouse=True)
def page(site: Site) -> None:
    """Give the site a page that holds the provider."""
    script = bundle(ROOT / "tests/clients/page.mjs").replace("</script", "<\\/script")
    site.served["/"] = Served(f'<!doctype html><script type="module">{script}</script>')


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Give an origin; each test has the edge that it wants."""
    with a_tree(tmp_path_factory.mktemp("tree")) as tree:
        tree.start_origin()
        yield tree


@pytest.fixture(scope="module")
def edge(tree: Tree) -> Process:
    """Give an edge below it."""
    edge = tree.start_edge("ams")
    edge.until_ready()
    return edge


class Opened:
    """The page, opened on an edge: what it was told, and what it asked for."""

    def __init__(self, browser: Browser, site: Site, url: str, key: str) -> None:
        self._context = browser.new_context()
        self._page: Page = self._context.new_page()
        self.errors: list[str] = []
        self.asked: list[Request] = []
        self._page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._page.on("request", self._on_request)
        self._edge = urlsplit(url).netloc
        self._page.goto(f"{site.url}/?{urlencode({'url': url, 'key': key})}")

    def _on_request(self, request: Request) -> None:
        if urlsplit(request.url).netloc == self._edge:
            self.asked.append(request)

    def told(self, count: int) -> list[dict[str, Any]]:
        """Return what the page read, once it has read *count* times."""
        self.until(f"window.told?.length >= {count}")
        told: list[dict[str, Any]] = self.evaluate("window.told")
        return told

    def until(self, holds: str) -> None:
        """Return once an expression holds in the page."""
        self._page.wait_for_function(holds, timeout=PATIENCE_MS)

    def evaluate(self, expression: str) -> Any:
        """Return what an expression has for a value in the page."""
        return self._page.evaluate(expression)

    def streams(self) -> list[Request]:
        """Return the event streams that it opened."""
        self.evaluate("0")
        return [one for one in self.asked if one.resource_type == "eventsource"]

    def questions(self) -> list[Request]:
        """Return its questions for flags."""
        self.evaluate("0")  # lets in what the browser has to say
        return [one for one in self.asked if FLAGS in one.url and one.method == "POST"]

    def statuses(self) -> list[int]:
        """Return what its questions for flags were answered with."""
        answers = [one.response() for one in self.questions()]
        return [answer.status for answer in answers if answer]

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()


class TestProvider:
    def test_a_change_reaches_the_page(
        self, browser: Browser, site: Site, tree: Tree, edge: Process
    ) -> None:
        """An open page has a change from its event stream; nobody polls."""
        origin, url = Origin(tree), edge.ready["url"]
        origin.receipt(origin.switch(False), "ams")
        with Opened(browser, site, url, tree.keys["clientKey"]) as page:
            page.told(1)
            eventually_streaming(page)
            origin.switch(True)
            page.told(2)
            origin.switch(False)
            told = page.told(3)
            statuses, streams, errors = page.statuses(), page.streams(), page.errors

        assert [one["value"] for one in told] == [False, True, False]
        assert statuses == [200, 200, 200]
        assert [len(streams), errors] == [1, []]

    def test_what_it_may_not_see(
        self, browser: Browser, site: Site, tree: Tree, edge: Process
    ) -> None:
        """A flag that is for servers is none for a page."""
        with Opened(browser, site, edge.ready["url"], tree.keys["clientKey"]) as page:
            told = page.told(1)

        assert told[0]["hidden"] == "FLAG_NOT_FOUND"

    def test_another_context(self, browser: Browser, site: Site, tree: Tree, edge: Process) -> None:
        """The tag that a page sends is of one context: for another it is answered in full."""
        origin = Origin(tree)
        origin.receipt(origin.switch(True), "ams")
        with Opened(browser, site, edge.ready["url"], tree.keys["clientKey"]) as page:
            page.told(1)
            page.evaluate("changeContext({targetingKey: 'ada', plan: 'other'})")
            page.told(2)
            eventually(lambda: len(page.questions()) == 2)
            first, second = page.questions()
            tags = [one.all_headers().get("if-none-match") for one in (first, second)]
            statuses = page.statuses()

        assert tags[0] is None
        assert tags[1] is not None
        assert statuses == [200, 200]

    def test_wrong_key(self, browser: Browser, site: Site, tree: Tree, edge: Process) -> None:
        """A page can read why it was refused: the browser lets it see the status."""
        with Opened(browser, site, edge.ready["url"], "pnn_cli_wrong") as page:
            told = page.told(1)
            statuses = page.statuses()

        assert told[0]["value"] is False
        assert 401 in statuses

    def test_the_edge_comes_back(self, browser: Browser, site: Site, tree: Tree) -> None:
        """A page whose edge was started anew hears of what changed meanwhile."""
        origin = Origin(tree)
        origin.switch(False)
        first = tree.start_edge("fra")
        url: str = first.until_ready()["url"]
        port = int(url.rpartition(":")[2])
        with Opened(browser, site, url, tree.keys["clientKey"]) as page:
            page.told(1)
            eventually_streaming(page)
            first.kill()
            origin.switch(True)
            tree.start_edge("fra", port=port).until_ready()
            page.until("window.told.at(-1).value === true")
            errors = page.errors

        assert errors == []


def eventually_streaming(page: Opened) -> None:
    """Return once the page has asked for its event stream."""
    eventually(lambda: bool(page.streams()))
