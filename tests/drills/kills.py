"""
`kill -9` of an origin in the middle of writes, again and again: does everything still agree?

Several writers keep one process busy; once it has answered a number of changes that chance picks,
it is killed with the others' in their midst. What it left behind is looked at at once, and again
when it is back: no answered change may be missing, and a follower that hung on its stream all
the time must end with what is published.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import httpx2
from msgspec import json

from pennon.model.codec import digest_of
from pennon.model.position import Position
from pennon.model.ready import Announcement
from pennon.origin.changelog import positions, snapshot
from pennon.origin.database_address import Backend
from pennon.origin.db import Database
from pennon.origin.kept_keys import FILE
from pennon.relay.backoff import Backoff
from pennon.relay.pump import Pump
from pennon.relay.replicas import Replicas
from pennon.relay.source import Source
from pennon.relay.upstream import SseUpstream
from tests.builders.children import free_port
from tests.drills.agreement import disagreements
from tests.drills.counting import ENVIRONMENTS, Writer, counts_of, set_up
from tests.tree.processes import Process

WRITERS: Final = 8
_MOST_BEFORE: Final = 60
_LATER_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 60.0


@dataclass
class Outcome:
    """How often it was killed, what was answered in all, and what is wrong."""

    kills: int = 0
    answered: int = 0
    unanswered: int = 0
    converged: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills among {self.answered:,} answered changes, "
            f"{self.unanswered} more were committed and never answered; "
            f"the follower converged {self.converged} times; {len(self.wrong)} faults"
        )


async def drill(backend: Backend, folder: Path, url: str, kills: int, seed: int) -> Outcome:
    """Kill an origin *kills* times on the migrated, empty database at *url*."""
    chance = random.Random(f"{seed} {backend}")
    outcome = Outcome()
    command = _command(backend, folder, url)
    log = folder / "origin.log"
    async with AsyncExitStack() as stack:
        process = stack.enter_context(Process(command, log))
        address = process.until_ready()["url"]
        keys = json.decode((folder / FILE).read_bytes(), type=Announcement)
        headers = {"authorization": f"Bearer {keys.admin_token}"}
        client = await stack.enter_async_context(
            httpx2.AsyncClient(base_url=address, headers=headers, timeout=_PATIENCE_SECONDS)
        )
        await set_up(client, WRITERS)
        group = [Writer(client, number) for number in range(WRITERS)]
        stream = await stack.enter_async_context(httpx2.AsyncClient())
        upstream = SseUpstream(stream, address, keys.relay_key)
        replicas = await stack.enter_async_context(_following(upstream))
        for _ in range(kills):
            outcome.answered += await _written_until_killed(group, process, chance)
            outcome.kills += 1
            await _look(url, group, outcome)
            process = stack.enter_context(Process(command, log))
            await asyncio.to_thread(process.until_ready)
            outcome.unanswered += await _look(url, group, outcome)
            await _converge(replicas, url, outcome)
        process.stop()
    return outcome


def _command(backend: Backend, folder: Path, url: str) -> list[str]:
    role = ["up"] if backend == "sqlite" else ["origin", "--database", url]
    return [*role, "--port", str(free_port()), "--data", str(folder)]


async def _written_until_killed(
    group: Sequence[Writer], process: Process, chance: random.Random
) -> int:
    """Let the writers write, kill at a moment that chance picks, and return their answers."""
    answers = chance.randrange(1, _MOST_BEFORE)
    began = sum(one.done for one in group)
    enough = asyncio.Event()

    async def write(writer: Writer) -> None:
        try:
            while True:
                await writer.count()
                if sum(one.done for one in group) - began >= answers:
                    enough.set()
        except httpx2.TransportError:
            pass
        finally:
            # One that ended otherwise is an error of the drill, told by `gather` below.
            enough.set()

    writing = [asyncio.create_task(write(one), name=one.rule) for one in group]
    await enough.wait()
    # Right after an answer is right after a commit, where the least is to be seen.
    await asyncio.sleep(chance.uniform(0.0, _LATER_SECONDS))
    process.kill()
    await asyncio.gather(*writing)
    return sum(one.done for one in group) - began


async def _look(url: str, group: Sequence[Writer], outcome: Outcome) -> int:
    """
    Note all that does not agree; return how many changes were committed and not answered.

    A writer goes on from the number that is there: the answered one, or the one after it.
    """
    async with Database.open(url) as database:
        outcome.wrong += await database.read(disagreements)
        published = {
            name: counts_of(
                (await database.read(partial(snapshot, environment=name))).items["flag", "counter"]
            )
            for name in ENVIRONMENTS
        }
    unanswered = 0
    for one in group:
        count = published[one.environment][one.rule]
        if count - one.done not in (0, 1):
            outcome.wrong.append(f"{one.rule} was answered {one.done}, and is {count}")
        unanswered += count - one.done
        one.done = count
    return unanswered


@asynccontextmanager
async def _following(source: Source) -> AsyncGenerator[Replicas]:
    """Follow for the length of a block, and come back soon: the drill kills every few seconds."""
    replicas = Replicas()
    pump = Pump(
        source,
        replicas,
        lambda: frozenset(ENVIRONMENTS),
        backoff=Backoff(random.random, most=0.5),
        clock=time.monotonic,
        sleep=asyncio.sleep,
    )
    running = asyncio.create_task(pump.run(), name="pump")
    try:
        yield replicas
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _converge(replicas: Replicas, url: str, outcome: Outcome) -> None:
    """Wait until the follower stands where the database does, and compare what it holds."""
    async with Database.open(url) as database:
        states = await database.read(partial(positions, environments=ENVIRONMENTS))
    moved = asyncio.Event()
    replicas.watch(lambda _replica, _news: moved.set())
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while {name: _position(replicas, name) for name in states} != {
                name: state.position for name, state in states.items()
            }:
                moved.clear()
                await moved.wait()
    except TimeoutError:
        outcome.wrong.append(f"the follower did not come to {states}")
        return
    for name, state in states.items():
        items = replicas.open(name).snapshot().items
        if digest_of(items) != state.digest:
            outcome.wrong.append(f"the follower holds something else of {name}")
    outcome.converged += 1


def _position(replicas: Replicas, name: str) -> Position | None:
    replica = replicas.get(name)
    return None if replica is None else replica.position
