"""Asks a tree of real processes: the management API of its origin, and the metrics of its nodes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any

import httpx2

from tests.tree.processes import Process, Tree

PATIENCE = 30.0
PRODUCTION = "/api/v1/projects/shop/environments/production"


class Origin:
    """The management API of a tree's origin, as its administrator asks it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Return what the API answers to a request that must succeed."""
        headers = {"Authorization": f"Bearer {self._tree.keys['adminToken']}"}
        answer = httpx2.request(method, f"{self._tree.url}{path}", headers=headers, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def switch(self, enabled: bool, flag: str = "new-checkout") -> int:
        """Switch a flag of production and return the version that this made."""
        changed = self.ask("PATCH", f"{PRODUCTION}/flags/{flag}", json={"enabled": enabled})
        version: int = changed["version"]
        return version

    def receipt(self, version: int, *pops: str) -> dict[str, Any]:
        """
        Return the receipt of a version of production once *pops* are in it, and it is complete.

        A PoP is expected from its first ack on: before that, a receipt is complete without it.
        """
        path = f"{PRODUCTION}/versions/{version}/propagation?wait=1"
        deadline = time.monotonic() + PATIENCE
        while True:
            receipt: dict[str, Any] = self.ask("GET", path, timeout=10)
            arrived = {pop["pop"] for pop in receipt["pops"]}
            if (receipt["complete"] and arrived >= {*pops}) or time.monotonic() > deadline:
                return receipt


class Asked:
    """A connector or an edge, asked over HTTP."""

    def __init__(self, process: Process, tree: Tree) -> None:
        self.process, self._tree = process, tree
        self.url: str = process.ready["url"]

    @property
    def port(self) -> int:
        """Where it listens, for one that takes its place."""
        return int(self.url.rpartition(":")[2])

    def is_on(self, flag: str = "new-checkout") -> bool:
        """Evaluate a flag for a user that the sample's rules let in."""
        answer = httpx2.post(
            f"{self.url}/ofrep/v1/evaluate/flags/{flag}",
            json={"context": {"targetingKey": "ada", "plan": "pro"}},
            headers={"Authorization": f"Bearer {self._tree.keys['serverKey']}"},
        )
        assert answer.status_code == 200, answer.text
        value: bool = answer.json()["value"]
        return value

    def forget(self) -> None:
        """Take its disk from a node that has stopped."""
        shutil.rmtree(self.process.folder)

    def sync(self, path: str) -> bytes:
        """Return what the node answers to a follower."""
        answer = httpx2.get(f"{self.url}{path}", headers=self._relay())
        assert answer.status_code == 200, answer.text
        return answer.content

    def metric(self, start: str) -> int:
        """Return the sum of the metrics whose lines start with *start*."""
        lines = httpx2.get(f"{self.url}/metrics", headers=self._relay()).text.splitlines()
        return sum(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith(start))

    def full_syncs(self) -> int:
        """Return how many whole environments this process has taken from its parents."""
        return self.metric('pennon_messages_total{type="snapshot",verdict="applied"}')

    def _relay(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tree.keys['relayKey']}"}


def ready(process: Process, tree: Tree) -> Asked:
    """Return a node once it serves."""
    process.until_ready()
    return Asked(process, tree)


def eventually(holds: Callable[[], bool]) -> None:
    """Return once *holds*; fail when it does not within a patience no test should need."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
