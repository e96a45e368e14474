"""Two origins on one PostgreSQL, and an edge below the second, as real processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2

from pennon.origin.db import migrate
from tests.builders.postgres import a_server
from tests.tree.asking import PRODUCTION
from tests.tree.processes import Process


class Pair:
    """Two origins, and an edge below the second."""

    def __init__(self, folder: Path, running: ExitStack, url: str, *options: str) -> None:
        self._folder, self._running = folder, running
        shared = ("--database", url, "--port", "0", *options)
        self.first = self._start("first", "origin", *shared, "--sample")
        self.keys: dict[str, Any] = json.loads((folder / "first" / "keys.json").read_text())
        self.second = self._start("second", "origin", *shared)
        parent = ("--parent", self.second.ready["url"], "--key", self.keys["relayKey"])
        self.edge = self._start("edge", "edge", *parent, "--port", "0")

    def switch(self, enabled: bool) -> int:
        """Change the flag at the first origin and return the version that this made."""
        answer = httpx2.patch(
            f"{self.first.ready['url']}{PRODUCTION}/flags/new-checkout",
            json={"enabled": enabled},
            headers={"Authorization": f"Bearer {self.keys['adminToken']}"},
        )
        assert answer.status_code == 200, answer.text
        version: int = answer.json()["version"]
        return version

    def receipt(self, origin: Process, version: int) -> dict[str, Any]:
        """Return the receipt of a version as an origin gives it, once the edge is expected."""
        path = f"{PRODUCTION}/versions/{version}/propagation?wait=20"
        answer = httpx2.get(
            f"{origin.ready['url']}{path}",
            headers={"Authorization": f"Bearer {self.keys['adminToken']}"},
            timeout=30.0,
        )
        receipt: dict[str, Any] = answer.json()
        return receipt

    def is_on(self) -> bool:
        """Evaluate it at the edge below the second."""
        answer = httpx2.post(
            f"{self.edge.ready['url']}/ofrep/v1/evaluate/flags/new-checkout",
            json={"context": {"targetingKey": "ada", "plan": "pro"}},
            headers={"Authorization": f"Bearer {self.keys['serverKey']}"},
        )
        value: bool = answer.json()["value"]
        return value

    def _start(self, name: str, *arguments: str) -> Process:
        data = ("--data", str(self._folder / name))
        process = Process([*arguments, *data], self._folder / f"{name}.log")
        self._running.enter_context(process)
        process.until_ready()
        return process


@contextmanager
def a_pair(folder: Path, *options: str) -> Iterator[Pair]:
    """Give two origins for the length of a block."""
    with a_server() as server, ExitStack() as running:
        migrate(server.url())
        yield Pair(folder, running, server.url(), *options)
