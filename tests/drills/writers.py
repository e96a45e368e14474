"""
Many writers on one database, of several origins where it allows: is anything lost or reordered?

Each writer changes its own number without knowing of the others', and now and then the one that
all share, with `If-Match`. A follower reads every version through the origin's own source and
sees each as one step of one number; at the end every number is what its writer counted.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import httpx2
from starlette.applications import Starlette

from pennon.model.messages import Change
from pennon.model.position import Position
from pennon.origin.access.schemas import NewToken
from pennon.origin.access.tokens import create_token
from pennon.origin.api import api_routes
from pennon.origin.authors import PENNON
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import positions, snapshot
from pennon.origin.changelog_source import ChangelogSource
from pennon.origin.database_address import Backend, backend_of
from pennon.origin.db import Database
from pennon.origin.services import Origin, wall_clock
from tests.drills.agreement import disagreements
from tests.drills.counting import ENVIRONMENTS, SHARED, Counts, Writer, counts_of, misstep, set_up

WRITERS: Final = 40
ORIGINS: Final[dict[Backend | None, int]] = {"sqlite": 1, "postgresql": 4}
"""How many origins share the writers: a file has one."""

_SHARED_SHARE: Final = 0.1
_PATIENCE_SECONDS: Final = 60


@dataclass
class Outcome:
    """What was done, in how many seconds, and what is wrong."""

    seconds: float = 0.0
    own: int = 0
    shared: int = 0
    conflicts: int = 0
    busy: int = 0
    seen: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        changes = self.own + self.shared
        return (
            f"{changes:,} changes in {self.seconds:.1f} s: {changes / self.seconds:,.0f} a second "
            f"({self.shared:,} with If-Match, {self.conflicts:,} more refused; "
            f"{self.busy:,} times told to come back); "
            f"{self.seen:,} versions followed; {len(self.wrong):,} faults"
        )


async def drill(url: str, seconds: float, seed: int, writers: int = WRITERS) -> Outcome:
    """Let *writers* write to the migrated, empty database at *url* for some seconds."""
    outcome = Outcome()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.open(url))
        token = await _make_token(Origin(database, MemoryBus()))
        origins = ORIGINS[backend_of(url)]
        clients = [await stack.enter_async_context(_client(url, token)) for _ in range(origins)]
        await set_up(clients[0], writers)
        follower = await _Follower.start(database)
        following = asyncio.create_task(follower.run(), name="follower")
        group = [Writer(clients[n % origins], n) for n in range(writers)]
        started = time.monotonic()
        await asyncio.gather(
            *(_write(one, random.Random(f"{seed} {one.rule}"), started + seconds) for one in group)
        )
        outcome.seconds = time.monotonic() - started
        outcome.own = sum(one.done for one in group)
        outcome.shared = sum(one.shared for one in group)
        outcome.conflicts = sum(one.conflicts for one in group)
        outcome.busy = sum(one.busy for one in group)
        await follower.until(await _versions(database))
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        outcome.seen = follower.seen
        outcome.wrong += follower.wrong
        outcome.wrong += await _lost(database, group, outcome.shared)
        outcome.wrong += await database.read(disagreements)
    return outcome


async def _write(writer: Writer, chance: random.Random, until: float) -> None:
    while True:
        await (writer.count_shared() if chance.random() < _SHARED_SHARE else writer.count())
        if time.monotonic() >= until:
            return


class _Follower:
    """Follows the drill's environments and judges every version that it is given."""

    def __init__(self, database: Database, versions: dict[str, Position], held: Counted) -> None:
        self._source = ChangelogSource(database, MemoryBus(), wall_clock, tick=0.05)
        self._at = versions
        self._held = held
        self._moved = asyncio.Event()
        self.seen = 0
        self.wrong: list[str] = []

    @classmethod
    async def start(cls, database: Database) -> _Follower:
        """Return a follower that has what is published by now."""
        held = {name: await _published(database, name) for name in ENVIRONMENTS}
        return cls(database, await _versions(database), held)

    async def run(self) -> None:
        """Follow for ever."""
        async with aclosing(self._source.messages(dict(self._at))) as messages:
            async for message in messages:
                if isinstance(message, Change):
                    self._take(message)

    async def until(self, versions: dict[str, Position]) -> None:
        """Return once it has seen *versions*; it is wrong when they never come."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while self._at != versions:
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            self.wrong.append(f"the follower is at {self._at}, and should be at {versions}")

    def _take(self, change: Change) -> None:
        name, held = change.environment, self._at[change.environment]
        if change.position != held._replace(version=held.version + 1):
            self.wrong.append(f"{name}: {change.position} came after {held}")
        after = counts_of(change.item or b"")
        if (wrong := misstep(self._held[name], after)) is not None:
            self.wrong.append(f"{name} at {change.position}: {wrong}")
        self._at[name], self._held[name] = change.position, after
        self.seen += 1
        self._moved.set()


Counted = dict[str, Counts]


async def _lost(database: Database, group: Sequence[Writer], shared: int) -> list[str]:
    """Return a sentence for each number that is not what its writer counted."""
    published = {name: await _published(database, name) for name in ENVIRONMENTS}
    expected = [(one.environment, one.rule, one.done) for one in group]
    expected += [(name, SHARED, shared) for name in ENVIRONMENTS]
    return [
        f"{name}: {number} was counted to {count}, and is {published[name][number]}"
        for name, number, count in expected
        if published[name][number] != count
    ]


async def _published(database: Database, environment: str) -> Counts:
    whole = await database.read(partial(snapshot, environment=environment))
    return counts_of(whole.items["flag", "counter"])


async def _versions(database: Database) -> dict[str, Position]:
    states = await database.read(partial(positions, environments=ENVIRONMENTS))
    return {name: state.position for name, state in states.items()}


async def _make_token(origin: Origin) -> str:
    new = NewToken(name="drill", role="admin", scope="*")
    return (await origin.write(lambda tx: create_token(tx, new, PENNON))).secret


@asynccontextmanager
async def _client(url: str, token: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """Give a client of an origin of its own."""
    async with Database.open(url) as database:
        app = Starlette(routes=api_routes(Origin(database, MemoryBus())))
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app),
            base_url="http://origin",
            headers={"authorization": f"Bearer {token}"},
        ) as client:
            yield client
