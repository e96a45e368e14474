"""Nodes that open environments on demand, and the parent and the disk that they have."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping

from pennon.errors import SourceLost
from pennon.kv.datafiles import Datafiles
from pennon.model.messages import Change, Message, Snapshot
from pennon.model.position import ACCESS, Position
from pennon.relay.follower import Follower
from pennon.relay.working_set import Holding
from tests.builders.relay import a_heartbeat, a_position, a_snapshot, an_access, some_flags

NAMES = tuple(f"shop/{letter}" for letter in "abcdef")
FLAGS = some_flags(10)


class CountingStore:
    """Datafiles in memory; `read` names what was read, and nothing is before `gate` opens."""

    def __init__(self, *kept: Snapshot) -> None:
        self.kept = {snapshot.environment: snapshot for snapshot in kept}
        self.read: list[str] = []
        self.gate: asyncio.Event | None = None

    async def load(self, environment: str) -> Snapshot | None:
        self.read.append(environment)
        if self.gate is not None:
            await self.gate.wait()
        return self.kept.get(environment)

    async def save(self, snapshot: Snapshot) -> None:
        self.kept[snapshot.environment] = snapshot


class WholeParent:
    """A source that has every environment, sends what is lacking, and then what is published."""

    def __init__(self, granted: tuple[str, ...] = NAMES, *, alive: bool = True) -> None:
        held = {ACCESS: an_access(environments=granted)}
        for name in granted:
            held[name] = a_snapshot(1, FLAGS, environment=name)
        self.held, self.alive = held, alive
        self.asked: list[dict[str, Position | None]] = []
        self._news: list[asyncio.Queue[Change]] = []

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        self.asked.append(dict(positions))
        if not self.alive:
            raise SourceLost("nobody there")
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._news.append(queue)
        for name, position in positions.items():
            held = self.held[name]
            if position == held.position:
                yield a_heartbeat(held.position.version, held.digest, environment=name)
            else:
                yield held
        while True:
            yield await queue.get()

    def move(self, name: str, version: int) -> None:
        """Have an environment stand at *version*."""
        self.held[name] = a_snapshot(version, FLAGS, environment=name)

    def publish(self, change: Change) -> None:
        """Say *change* on the stream that was opened last."""
        self._news[-1].put_nowait(change)


def a_follower(
    parent: WholeParent,
    store: CountingStore | None = None,
    *,
    room: int = 2,
    pinned: tuple[str, ...] = (),
    l3: Datafiles | None = None,
) -> Follower:
    """Return a follower with room for so many environments, whose time passes fast."""
    size = _size()
    return Follower(
        parent,
        lambda access: access.environments if access.loaded else None,
        store=store,
        l3=l3,
        clock=lambda: 8 * time.monotonic(),
        holding=Holding(budget=room * size + 100, pinned=pinned),
    )


def _size() -> int:
    """Return what one environment of these takes."""
    parent = WholeParent()
    follower = Follower(parent, lambda access: ())
    replica = follower.replicas.open(NAMES[0])
    replica.replace(parent.held[NAMES[0]])
    return replica.memory


async def until(holds: Callable[[], bool]) -> None:
    """Return once *holds*."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - nothing tells of what is waited for
            await asyncio.sleep(0.001)


def has(follower: Follower, name: str, version: int = 1) -> Callable[[], bool]:
    """Return what says whether *follower* holds an environment at *version*."""

    def holds() -> bool:
        replica = follower.replicas.get(name)
        return replica is not None and replica.position == a_position(version)

    return holds
