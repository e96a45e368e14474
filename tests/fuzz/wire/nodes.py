"""The nodes that are fuzzed: `pennon up`, and an edge below it that is short of patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from tests.fuzz.wire.health import Held, held_by
from tests.tree.processes import Process, a_tree
from tests.tree.vips import VipOrigin

_SETTINGS: Final = (
    *("--head-seconds", "1", "--body-seconds", "1", "--keep-alive-seconds", "1"),
    *("--comment-seconds", "0.5"),
)
_MOST_GROWN: Final = 24_000_000
"""Bytes: what a few thousand different contexts, counted by the collector, may take."""
_MOST_FILES: Final = 6
_REST_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Target:
    """A node, what it opens for whom, and the address of a page's stream on it."""

    name: str
    process: Process
    url: str
    keys: Mapping[str, Any]
    stream: str
    ours: bool

    @property
    def port(self) -> int:
        """Where it listens."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    async def rest(self) -> Held:
        """Return what the node holds once it holds no more than it must, or has had the time."""
        until = time.monotonic() + _REST_SECONDS
        held = held_by(self.process.pid)
        steady = 0
        while steady < 3 and time.monotonic() < until:
            await asyncio.sleep(0.5)
            now = held_by(self.process.pid)
            steady = steady + 1 if now.files >= held.files else 0
            held = min(held, now)
        return held_by(self.process.pid)

    def leaks(self, before: Held, after: Held) -> list[str]:
        """Return what the node holds at the end that it did not hold before."""
        leaks = []
        if after.files > before.files + _MOST_FILES:
            leaks.append(f"{after.files} open files, {before.files} before")
        if after.bytes > before.bytes + _MOST_GROWN:
            leaks.append(f"{after.bytes:,} bytes, {before.bytes:,} before")
        return leaks


@contextmanager
def a_fuzzed_pair(folder: Path) -> Iterator[tuple[Target, Target]]:
    """
    Give an edge and the `pennon up` that it follows, for the length of a block.

    The flag that is asked for hangs on an external segment, which is asked about in turn.
    """
    with a_tree(folder) as tree:
        origin = tree.start_origin()
        vips = VipOrigin(tree)
        vips.prepare()
        vips.upload("ada")
        edge = tree.start_edge("fuzzed", *_SETTINGS)
        url = edge.until_ready()["url"]
        yield (
            Target("edge", edge, url, tree.keys, _stream(url, tree.keys), ours=True),
            Target("up", origin, tree.url, tree.keys, _stream(tree.url, tree.keys), ours=False),
        )


def _stream(url: str, keys: Mapping[str, Any]) -> str:
    """Return the address of the stream that a bulk answer names."""
    headers = {"Authorization": f"Bearer {keys['clientKey']}"}
    answer = httpx2.post(f"{url}/ofrep/v1/evaluate/flags", json={}, headers=headers)
    address: str = answer.json()["eventStreams"][0]["endpoint"]["requestUri"]
    return address
