"""A stream server beside an origin, on one PostgreSQL, as real processes."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pennon.origin.db import migrate
from tests.builders.postgres import MISSING, a_server, binaries
from tests.tree.asking import PRODUCTION, eventually
from tests.tree.processes import Process


@pytest.mark.timeout(120)
@pytest.mark.skipif(binaries() is None, reason=MISSING)
def test_stream_server(tmp_path: Path) -> None:
    """An edge below it has what is changed at the origin, which is told so; it has no API."""
    with a_server() as postgres, ExitStack() as running:

        def start(name: str, *arguments: str) -> Process:
            words = [*arguments, "--port", "0", "--data", str(tmp_path / name)]
            process = running.enter_context(Process(words, tmp_path / f"{name}.log"))
            process.until_ready()
            return process

        migrate(postgres.url())
        shared = ("--database", postgres.url())
        origin = start("origin", "origin", *shared, "--sample").ready["url"]
        keys = json.loads((tmp_path / "origin" / "keys.json").read_text())
        primary = ("--primary", origin, "--key", keys["relayKey"])
        streams = start("streams", "origin", *shared, "--streams-only", *primary)
        url = streams.ready["url"]
        edge = start("edge", "edge", "--parent", url, "--key", keys["relayKey"]).ready["url"]

        def is_on() -> bool:
            answer = httpx2.post(
                f"{edge}/ofrep/v1/evaluate/flags/new-checkout",
                json={"context": {"targetingKey": "ada", "plan": "pro"}},
                headers={"Authorization": f"Bearer {keys['serverKey']}"},
            )
            return answer.json()["value"] is True

        before = is_on()
        admin = {"Authorization": f"Bearer {keys['adminToken']}"}
        changed = httpx2.patch(
            f"{origin}{PRODUCTION}/flags/new-checkout",
            json={"enabled": not before},
            headers=admin,
        )
        eventually(lambda: is_on() is not before)

        def receipt() -> Any:
            return httpx2.get(f"{origin}{changed.json()['propagation']}", headers=admin).json()

        # What the edge says to the stream server is known where people ask.
        eventually(lambda: receipt()["applied"] == 1)
        assert [pop["pop"] for pop in receipt()["pops"]] == ["local"]

        assert httpx2.get(f"{url}/api/v1/projects").status_code == 404
        assert httpx2.get(f"{url}/healthz/ready").status_code == 200
        assert not (tmp_path / "streams" / "keys.json").exists()
        assert streams.stop() == 0
