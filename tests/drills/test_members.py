"""An origin killed while it writes a list of members: the list in use is the one that was."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx2

from pennon.origin.db import Database
from pennon.origin.members.sweeping import KEPT_MS, sweep
from tests.builders.members import many
from tests.tree.processes import Process

COUNT = 100_000
_SECONDS = 60.0


class TestKilledUpload:
    def test_leaves_the_old_list(self, tmp_path: Path) -> None:
        """Half of a hundred thousand keys are written aside by then; they are swept away."""
        arguments = ["up", "--port", "0", "--data", str(tmp_path)]
        with Process(arguments, tmp_path / "log") as process:
            process.until_ready()
            with a_client(tmp_path) as client:
                client.patch("/vip", json={"external": {}}).raise_for_status()
                before = put(client, "ada\nbob\n").json()
                upload = threading.Thread(target=put_in_vain, args=(client, many(COUNT)))
                upload.start()
                half = until_half_way(database := next(tmp_path.glob("*.db")))
                process.kill()
                upload.join()
        with Process(arguments, tmp_path / "log") as process:
            process.until_ready()
            with a_client(tmp_path) as client:
                after = client.get("/vip/members").json()
                done = put(client, many(10)).json()
        asyncio.run(swept(database))

        assert 0 < half < COUNT
        assert [one["key"] for one in after["items"]] == ["ada", "bob"]
        assert (after["generation"], after["digest"]) == (before["generation"], before["digest"])
        assert done["changes"] == {"added": 10, "excluded": 0, "removed": 2}
        assert rows(database) == 10


def a_client(folder: Path) -> httpx2.Client:
    """Return a client of the segments of the sample, among which is `vip`."""
    keys = json.loads((folder / "keys.json").read_text())
    project = f"{keys['url']}/api/v1/projects/{keys['project']}"
    headers = {"Authorization": f"Bearer {keys['adminToken']}"}
    httpx2.post(f"{project}/segments", json={"key": "vip"}, headers=headers)
    url = f"{project}/environments/{keys['environment']}/segments"
    return httpx2.Client(base_url=url, headers=headers, timeout=_SECONDS)


def put(client: httpx2.Client, text: str) -> httpx2.Response:
    """Upload a list."""
    headers = {"content-type": "text/plain", "if-match": "*"}
    return client.put("/vip/members", content=text, headers=headers).raise_for_status()


def put_in_vain(client: httpx2.Client, text: str) -> None:
    """Upload a list to an origin that goes away."""
    with suppress(httpx2.HTTPError):
        put(client, text)


def until_half_way(database: Path) -> int:
    """Return how many keys are written aside, once there are some."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if (count := rows(database) - 2) > 0:
            return count
    raise AssertionError("Nothing was written.")


def rows(database: Path) -> int:
    """Return how many keys all lists have."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        count: Any = connection.execute("SELECT count(*) FROM members").fetchone()[0]
        return int(count)


async def swept(database: Path) -> None:
    """Sweep as an origin does once what was left over is old."""
    async with Database.open(f"sqlite:///{database}") as opened:
        now = time.time_ns() // 1_000_000
        await sweep(opened, now + 2 * KEPT_MS)
