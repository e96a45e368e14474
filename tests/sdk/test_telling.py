"""What a client records arrives at the origin, once, through a real edge."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from pennon.sdk.client import Client
from tests.builders.sdk import eventually
from tests.tree.asking import PRODUCTION, Origin
from tests.tree.processes import Tree, a_tree

pytestmark = pytest.mark.timeout(120)

FLAG = "new-checkout"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Give an origin of which `new-checkout` is tracked."""
    with a_tree(tmp_path_factory.mktemp("tree")) as tree:
        tree.start_origin()
        Origin(tree).ask("PATCH", f"{PRODUCTION}/flags/{FLAG}", json={"track": "all"})
        yield tree


def events(tree: Tree, **asked: str) -> list[dict[str, Any]]:
    """Return what the origin was told of."""
    found: list[dict[str, Any]] = Origin(tree).ask("GET", f"{PRODUCTION}/events", params=asked)[
        "items"
    ]
    return found


class TestTelling:
    def test_told_once(self, tree: Tree) -> None:
        """Counts, exposures and events of a client, told by several flushes."""
        with Client(tree.keys["serverKey"], tree.url, flush_seconds=0.5) as client:
            eventually(lambda: client.boolean_detail(FLAG).version > 0)
            eventually(lambda: FLAG in client.held.tracked)
            for _ in range(3):
                client.boolean(FLAG, {"targetingKey": "grace", "plan": "pro"})
                client.track("purchase", {"targetingKey": "grace"}, 9.5, {"currency": "EUR"})
                client.flush()
        eventually(lambda: len(events(tree, unit="user:grace")) == 4)
        told = events(tree, unit="user:grace", kind="custom")

        assert [(one["name"], one["value"]) for one in told] == [("purchase", 9.5)] * 3

    def test_at_exit(self, tree: Tree) -> None:
        """A program that ends without a word has told of what it tracked."""
        program = (
            "from pennon import Client; import sys; "
            "client = Client(*sys.argv[1:]); client.ready(); "
            "client.track('ended', {'targetingKey': 'linus'})"
        )
        url = tree.url.replace("127.0.0.1", "localhost")
        subprocess.run(
            [sys.executable, "-W", "error", "-c", program, tree.keys["serverKey"], url], check=True
        )
        eventually(lambda: [one["name"] for one in events(tree, unit="user:linus")] == ["ended"])

    def test_away(self, tree: Tree) -> None:
        """Where nobody hears, it waits; what the application does is not held up."""
        client = Client(tree.keys["serverKey"], "http://127.0.0.1:9")
        client.track("purchase", {"targetingKey": "eve"})
        client.flush(timeout=1)
        told = client.telling
        client.close()

        assert told is not None
        assert (told.told, told.waiting) == (0, 1)
