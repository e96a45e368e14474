"""
An edge under load for a long time, while flags change: every answer is right, and nothing grows.

An origin and an edge below it, as real processes. Clients ask whatever clients may ask, rightly
and wrongly, each visitor another; a flag is switched, targeted and given rules ten times a second.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx2

from tests.drills.asker import Asker, Keys
from tests.tree.processes import Process, a_tree

_FLAG: Final = "/api/v1/projects/shop/environments/production/flags/new-checkout"
_CHANGE_PAUSE: Final = 0.1
_WARM_SHARE: Final = 0.4
"""The part of the time after which nothing may grow any more."""
_MOST_WARM_SECONDS: Final = 120.0
_GROWTH_BYTES: Final = 8_000_000
"""What memory may be more in the end: allocators and caches breathe."""
_GROWTH_FILES: Final = 16
_MOST_TOLD: Final = 20


class Sample(NamedTuple):
    """What a process holds."""

    bytes: int
    files: int

    def __str__(self) -> str:
        return f"{self.bytes / 1e6:.1f} MB and {self.files} files"


_NOTHING: Final = Sample(0, 0)


@dataclass
class Outcome:
    """What was asked and changed, what the edge held when it was warm and in the end."""

    seconds: float = 0.0
    asked: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    warm: Sample = _NOTHING
    end: Sample = _NOTHING
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.asked.most_common())
        return (
            f"{self.asked.total():,} questions in {self.seconds:.0f} s ({kinds}) under "
            f"{self.changes:,} changes; the edge held {self.warm} when it was warm and {self.end} "
            f"in the end; {len(self.wrong)} faults"
        )


def drill(folder: Path, seconds: float, seed: int, clients: int = 8) -> Outcome:
    """Ask for *seconds*; what the processes write is in *folder*."""
    with a_tree(folder) as tree:
        tree.start_origin()
        edge = tree.start_edge("ams")
        edge.until_ready()
        keys = Keys(tree.keys["serverKey"], tree.keys["clientKey"])
        port = int(edge.ready["url"].rpartition(":")[2])
        askers = [Asker(port, keys, seed + number) for number in range(clients)]
        outcome = Outcome(seconds=seconds)
        asyncio.run(_ask(askers, edge, _Changes(tree.url, tree.keys["adminToken"]), outcome))
        _judge(askers, outcome)
    return outcome


async def _ask(askers: Sequence[Asker], edge: Process, changes: _Changes, outcome: Outcome) -> None:
    tasks = [asyncio.create_task(one.run()) for one in askers]
    tasks.append(asyncio.create_task(changes.run(outcome)))
    try:
        warm = min(outcome.seconds * _WARM_SHARE, _MOST_WARM_SECONDS)
        await asyncio.sleep(warm)
        outcome.warm = _sample(edge.pid)
        await asyncio.sleep(outcome.seconds - warm)
        outcome.end = _sample(edge.pid)
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError):
                outcome.wrong.append(f"the load ended: {ended!r}")


class _Changes:
    """Changes a flag in all ways that its evaluation knows, again and again."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._headers = url, {"authorization": f"Bearer {token}"}

    async def run(self, outcome: Outcome) -> None:
        """Change until cancelled; each change must succeed."""
        async with httpx2.AsyncClient(headers=self._headers, timeout=30.0) as client:
            while True:
                for instruction in _INSTRUCTIONS:
                    answer = await client.post(
                        f"{self._url}{_FLAG}/instructions", json={"instructions": [instruction]}
                    )
                    outcome.changes += 1
                    if answer.status_code != 200:
                        outcome.wrong.append(f"change: {answer.status_code} {answer.text[:200]}")
                    await asyncio.sleep(_CHANGE_PAUSE)


_RULE: Final = {
    "id": "load",
    "when": [{"attribute": "plan", "op": "in", "values": ["pro", "team"]}],
    "serve": {"variation": "on"},
}
_INSTRUCTIONS: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "turnOn"},
    {"kind": "addRule", "rule": _RULE},
    {"kind": "addTargets", "variation": "on", "keys": ["visitor-1", "visitor-2"]},
    {"kind": "removeRule", "ruleId": "load"},
    {"kind": "removeTargets", "variation": "on", "keys": ["visitor-1", "visitor-2"]},
    {"kind": "turnOff"},
)


def _judge(askers: Sequence[Asker], outcome: Outcome) -> None:
    """Add up what the clients saw, and say what grew."""
    for one in askers:
        outcome.asked += one.asked
        outcome.wrong += one.wrong[:_MOST_TOLD]
    if outcome.end.bytes > outcome.warm.bytes + _GROWTH_BYTES:
        outcome.wrong.append(f"memory grew from {outcome.warm} to {outcome.end}")
    if outcome.end.files > outcome.warm.files + _GROWTH_FILES:
        outcome.wrong.append(f"open files grew from {outcome.warm} to {outcome.end}")


def _sample(pid: int) -> Sample:
    """Return what a process and those that it started hold, the least of a few looks."""
    looks = []
    for _ in range(5):
        pids = [pid, *_children(pid)]
        looks.append(Sample(sum(map(_resident, pids)), sum(map(_files, pids))))
        time.sleep(0.02)
    return Sample(min(look.bytes for look in looks), min(look.files for look in looks))


def _children(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
