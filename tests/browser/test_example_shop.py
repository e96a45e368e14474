"""`examples/shop`, as its README has it run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.builders.browser import ROOT, bundle
from tests.tree.asking import Origin
from tests.tree.processes import Tree, a_tree

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        not (ROOT / "node_modules/esbuild").is_dir(), reason="needs what `npm ci` installs"
    ),
]
PATIENCE_MS = 30_000


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    """Give what `make up` starts."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        yield tree


@pytest.fixture
def shop(tree: Tree, tmp_path: Path) -> Iterator[str]:
    """Give the shop's address."""
    script = tmp_path / "pennon.js"
    script.write_text(bundle(ROOT / "packages/browser/src/index.ts", "iife", "pennon"))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PENNON_")},
        "PENNON_URL": tree.url,
        "PENNON_SERVER_KEY": tree.keys["serverKey"],
        "PENNON_CLIENT_KEY": tree.keys["clientKey"],
        "PENNON_SCRIPT": str(script),
    }
    with (
        (tmp_path / "shop.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, ROOT / "examples/shop/shop.py", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as child,
    ):
        assert child.stdout is not None
        yield child.stdout.readline().split()[-1]
        child.kill()


def test_the_button_changes_while_the_page_is_open(browser: Browser, tree: Tree, shop: str) -> None:
    """The first button is the server's; the next ones come without a reload."""
    origin, context = Origin(tree), browser.new_context()
    page, broken = context.new_page(), list[str]()
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda said: broken.append(said.text) if said.type == "error" else None)
    loads: list[str] = []
    page.on("load", lambda _: loads.append("load"))
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    before = page.goto(shop)
    first = page.locator("#checkout").text_content()
    origin.switch(True)
    page.get_by_text("Buy now").wait_for(timeout=PATIENCE_MS)
    origin.switch(False)
    page.get_by_text("Go to checkout").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button").click()
    page.get_by_text("Thank you.").wait_for(timeout=PATIENCE_MS)
    context.close()

    assert before is not None
    assert first == "Go to checkout"
    assert (loads, broken) == (["load"], [])
