"""An edge with room for a few of many environments, and an origin that goes away."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.tree.asking import PATIENCE, Asked, Origin, eventually, ready
from tests.tree.processes import Tree, a_tree

COUNT = 24
ROOM_MB = "0.8"
PRODUCTION = "shop/production"
TENANTS = tuple(f"shop/tenant-{number:02}" for number in range(COUNT))
USED = "pennon_memory_used_bytes"
BUDGET = "pennon_memory_budget_bytes"
FROM_L2 = 'pennon_environments_opened_total{outcome="opened",tier="l2"}'
FROM_L3 = 'pennon_environments_opened_total{outcome="opened",tier="l3"}'


class Shop:
    """An origin with many environments, and an edge that is asked for each of them."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.origin = tree, Origin(tree)
        self.keys: dict[str, str] = {PRODUCTION: tree.keys["serverKey"]}
        for name in TENANTS:
            key = name.partition("/")[2]
            place = {"key": key, "name": key}
            self.origin.ask("POST", "/api/v1/projects/shop/environments", json=place)
            grant = {"name": key, "kind": "server", "environments": [name]}
            self.keys[name] = self.origin.ask("POST", "/api/v1/keys", json=grant)["secret"]

    def switch(self, name: str, enabled: bool) -> int:
        path = f"/api/v1/projects/shop/environments/{name.partition('/')[2]}/flags/new-checkout"
        version: int = self.origin.ask("PATCH", path, json={"enabled": enabled})["version"]
        return version

    def ask(self, edge: Asked, name: str, client: httpx2.Client) -> httpx2.Response:
        return client.post(
            f"{edge.url}/ofrep/v1/evaluate/flags/new-checkout",
            json={"context": {"targetingKey": "ada"}},
            headers={"Authorization": f"Bearer {self.keys[name]}"},
        )

    def until_answered(self, edge: Asked, name: str, client: httpx2.Client) -> httpx2.Response:
        """Ask as a client does that heeds `Retry-After`, though it comes back a little sooner."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.ask(edge, name, client)
            if answer.status_code == 200:
                return answer
            assert answer.status_code == 503, answer.text
            assert 1 <= int(answer.headers["retry-after"]) <= 5
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.2)

    def start_edge(self, l3: Path) -> Asked:
        options = ("--memory-mb", ROOM_MB, "--pin", PRODUCTION, "--l3", str(l3))
        return ready(self.tree.start_edge("ams", *options), self.tree)


def version_of(answer: httpx2.Response) -> int:
    return int(answer.headers["x-pennon-version"].rpartition(".")[2])


@pytest.mark.timeout(240)
def test_many_environments_in_little_memory(tmp_path: Path) -> None:
    """All are answered in the end, within the budget; the pinned one always; the disk will do."""
    with a_tree(tmp_path) as tree, httpx2.Client(timeout=30) as client:
        l3 = tmp_path / "l3"
        l3.mkdir()
        up = tree.start_origin("--l3", str(l3))
        shop = Shop(tree)
        edge = shop.start_edge(l3)
        assert PRODUCTION in edge.process.ready["environments"]
        assert len(edge.process.ready["environments"]) < COUNT
        versions: dict[str, int] = {}
        for name in TENANTS:
            versions[name] = version_of(shop.until_answered(edge, name, client))
            assert shop.ask(edge, PRODUCTION, client).status_code == 200
            assert edge.metric(USED) <= edge.metric(BUDGET)
        assert edge.metric("pennon_environments_dropped_total") > 0

        # What was dropped is not waited for, and comes back as it has become since.
        gone = next(name for name in TENANTS if not held(edge, name))
        changed = shop.switch(gone, True)
        assert_receipt_is_complete(shop, gone, changed)
        assert version_of(shop.until_answered(edge, gone, client)) == versions[gone]
        eventually(lambda: version_of(shop.until_answered(edge, gone, client)) == changed)

        # With the origin dead, what is on disk is opened all the same, and else what L3 has.
        eventually(lambda: on_disk(edge) >= COUNT)
        eventually(lambda: len(list(l3.glob("shop~tenant*"))) >= COUNT)
        up.kill()
        lost = next(name for name in TENANTS if not held(edge, name))
        file_of(edge, lost).unlink()
        for name in (lost, *TENANTS[::6]):
            shop.until_answered(edge, name, client)
        assert edge.metric(FROM_L3) >= 1
        assert edge.metric(FROM_L2) >= 1
        assert edge.metric(USED) <= edge.metric(BUDGET)


def held(edge: Asked, name: str) -> bool:
    return edge.metric(f'pennon_environment_version{{environment="{name}"}}') > 0


def on_disk(edge: Asked) -> int:
    return len(list(edge.process.folder.glob("shop~tenant*.datafile")))


def file_of(edge: Asked, name: str) -> Path:
    return edge.process.folder / f"{name.replace('/', '~')}.datafile"


def assert_receipt_is_complete(shop: Shop, name: str, version: int) -> None:
    path = f"/api/v1/projects/shop/environments/{name.partition('/')[2]}/versions/{version}"
    receipt: dict[str, Any] = shop.origin.ask("GET", f"{path}/propagation?wait=5", timeout=10)
    assert receipt["complete"], receipt
    assert receipt["missing"] == []
