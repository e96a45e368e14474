"""
The whole system grown up, on loopback: PostgreSQL, NATS, origins, connectors and edges.

Each part is killed in turn and brought back, under a steady stream of changes and evaluations.
No evaluation may fail on an edge that lives, and in the end every node must hold what the
database holds, which must agree with itself.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx2
from msgspec import json

from pennon.model.codec import decode_snapshot, format_digest
from pennon.model.ready import Announcement
from pennon.origin.db import Database, migrate
from pennon.origin.kept_keys import FILE
from tests.builders.children import free_port
from tests.builders.nats import Nats, a_nats
from tests.builders.postgres import Server, a_home
from tests.drills.agreement import disagreements
from tests.drills.places import DURABLE
from tests.tree.processes import Process

ENVIRONMENT: Final = "shop/production"
FLAG: Final = "new-checkout"
_PATIENCE_SECONDS: Final = 90.0
_CHANGE_PAUSE: Final = 0.1
_ASK_PAUSE: Final = 0.02


@dataclass(frozen=True)
class Size:
    """How many of each there are."""

    nats: int = 3
    origins: int = 2
    connectors: int = 2
    edges: int = 6


@dataclass
class Outcome:
    """What was done to the cluster, what it did, and what is wrong."""

    killed: list[str] = field(default_factory=list)
    changes: int = 0
    unanswered: int = 0
    evaluations: int = 0
    nodes: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{len(self.killed)} kills ({', '.join(self.killed)}) under {self.changes:,} changes, "
            f"{self.unanswered} more were not answered, and {self.evaluations:,} evaluations; "
            f"{self.nodes} nodes ended alike; {len(self.wrong)} faults"
        )


def drill(folder: Path, size: Size, seconds: float, seed: int) -> Outcome:
    """
    Kill each part once, *seconds* apart, in an order drawn from *seed*.

    What the parts write is in *folder*.
    """
    with _a_cluster(folder, size) as cluster:
        names = list(cluster.parts)
        random.Random(seed).shuffle(names)
        return asyncio.run(_kill_in_turn(cluster, names, seconds))


async def _kill_in_turn(cluster: _Cluster, names: Sequence[str], seconds: float) -> Outcome:
    outcome = Outcome()
    async with _load(cluster, outcome):
        await asyncio.sleep(seconds)
        for name in names:
            outcome.killed.append(name)
            await asyncio.to_thread(cluster.kill, name)
            await asyncio.sleep(seconds)
            await asyncio.to_thread(cluster.start, name)
            await asyncio.sleep(seconds)
    await _end_alike(cluster, outcome)
    return outcome


class _Cluster:
    """The parts by name, each killed and started alone."""

    def __init__(self, folder: Path, postgres: _Postgres, nats: Nats, size: Size) -> None:
        self._folder, self._nats = folder, nats
        self.database, self._size = postgres.url, size
        self.ports = {name: free_port() for name in self._nodes()}
        self.running: dict[str, Process] = {}
        self.parts: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
            "postgres": (postgres.kill, postgres.start)
        }
        for server in nats.servers:
            self.parts[server.name] = (server.kill, server.start)
        for name in self._nodes():
            self.parts[name] = (self._killer(name), self._starter(name))
        self.keys: Announcement

    def kill(self, name: str) -> None:
        """End a part as a power cut would."""
        self.parts[name][0]()

    def start(self, name: str) -> None:
        """Bring a part back and wait until it serves."""
        self.parts[name][1]()

    def url(self, name: str) -> str:
        """Return the address of a node."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def named(self, role: str) -> list[str]:
        """Return the nodes of a role."""
        return [name for name in self._nodes() if name.startswith(role)]

    def start_all(self) -> None:
        """Start every node, from the origins down; the first one makes the keys."""
        first, *others = self._nodes()
        self.start(first)
        self.keys = json.decode((self._folder / "origin" / FILE).read_bytes(), type=Announcement)
        for name in others:
            self.start(name)

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.running.values():
            process.__exit__(None, None, None)

    def _nodes(self) -> list[str]:
        size = self._size
        counts = {"origin": size.origins, "connector": size.connectors, "edge": size.edges}
        return [f"{role}-{n}" for role, count in counts.items() for n in range(1, count + 1)]

    def _killer(self, name: str) -> Callable[[], None]:
        return lambda: self.running.pop(name).__exit__(None, None, None)

    def _starter(self, name: str) -> Callable[[], None]:
        def start() -> None:
            process = Process(self._command(name), self._folder / f"{name}.log")
            try:
                process.until_ready()
            except BaseException:
                process.__exit__(None, None, None)
                raise
            self.running[name] = process

        return start

    def _command(self, name: str) -> list[str]:
        role, _, number = name.partition("-")
        port = ["--port", str(self.ports[name]), "--l3", self._nats.url]
        if role == "origin":
            data = str(self._folder / "origin")
            return [role, *port, "--data", data, "--database", self.database, "--sample"]
        above = self.named("origin" if role == "connector" else "connector")
        turn = int(number) % len(above)
        return [
            *(role, *port, "--data", str(self._folder / name), "--key", self.keys.relay_key),
            *(
                w
                for parent in (*above[turn:], *above[:turn])
                for w in ("--parent", self.url(parent))
            ),
            *("--node", name, "--pop", name, "--region", "drill"),
        ]


class _Postgres:
    """A PostgreSQL that is killed as a whole and recovers."""

    def __init__(self, server: Server) -> None:
        self._server, self._stack = server, ExitStack()
        self.url = server.url()

    def start(self) -> None:
        self._stack.enter_context(self._server.running())

    def end(self) -> None:
        self._stack.close()

    def kill(self) -> None:
        postmaster = int((self._server.data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        self.end()


@contextmanager
def _a_cluster(folder: Path, size: Size) -> Iterator[_Cluster]:
    """Give a cluster that runs; what still runs at the end is ended."""
    with ExitStack() as stack:
        server = Server(stack.enter_context(a_home()), DURABLE)
        server.create()
        postgres = _Postgres(server)
        stack.callback(postgres.end)
        postgres.start()
        migrate(postgres.url)
        cluster = _Cluster(folder, postgres, stack.enter_context(a_nats(size.nats)), size)
        stack.callback(cluster.end)
        cluster.start_all()
        yield cluster


@asynccontextmanager
async def _load(cluster: _Cluster, outcome: Outcome) -> AsyncIterator[None]:
    """Change flags and evaluate on every edge, for the length of a block."""
    tasks = [
        asyncio.create_task(_change(cluster, outcome), name="changes"),
        *(
            asyncio.create_task(_evaluate(cluster, edge, outcome), name=edge)
            for edge in cluster.named("edge")
        ),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError):
                outcome.wrong.append(f"the load ended: {ended!r}")


async def _change(cluster: _Cluster, outcome: Outcome) -> None:
    """Flip a flag again and again, at whichever origin answers."""
    origins = cluster.named("origin")
    path = f"/api/v1/projects/shop/environments/production/flags/{FLAG}"
    headers = {"authorization": f"Bearer {cluster.keys.admin_token}"}
    on = False
    async with httpx2.AsyncClient(headers=headers, timeout=15.0) as client:
        while True:
            on = not on
            try:
                address = cluster.url(origins[0])
                answer = await client.patch(f"{address}{path}", json={"enabled": on})
                answered = answer.status_code == 200
            except httpx2.HTTPError:
                answered = False
            if answered:
                outcome.changes += 1
            else:
                outcome.unanswered += 1
                origins.append(origins.pop(0))
            await asyncio.sleep(_CHANGE_PAUSE)


async def _evaluate(cluster: _Cluster, edge: str, outcome: Outcome) -> None:
    """Evaluate on one edge whenever it is meant to live; every answer must be one."""
    address = f"{cluster.url(edge)}/ofrep/v1/evaluate/flags/{FLAG}"
    headers = {"authorization": f"Bearer {cluster.keys.server_key}"}
    body = {"context": {"targetingKey": "ada", "plan": "pro"}}
    async with httpx2.AsyncClient(headers=headers, timeout=10.0) as client:
        while True:
            process = cluster.running.get(edge)
            if process is not None:
                wrong = await _asked(client, address, body)
                # A failure counts unless the edge was killed with the question under way.
                if wrong and cluster.running.get(edge) is process:
                    outcome.wrong.append(f"{edge}: {wrong}")
                outcome.evaluations += not wrong
            await asyncio.sleep(_ASK_PAUSE)


async def _asked(
    client: httpx2.AsyncClient, address: str, body: Mapping[str, object]
) -> str | None:
    """Return what is wrong with the answer of an edge, or None."""
    try:
        answer = await client.post(address, json=body)
    except httpx2.HTTPError as error:
        return repr(error)
    if answer.status_code != 200 or not isinstance(answer.json()["value"], bool):
        return f"{answer.status_code} {answer.text[:200]}"
    return None


async def _end_alike(cluster: _Cluster, outcome: Outcome) -> None:
    """Wait until every node holds what the first origin holds, and look into the database."""
    nodes = [name for role in ("origin", "connector", "edge") for name in cluster.named(role)]
    held: dict[str, str] = {}
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while len(set(held.values())) != 1 or len(held) < len(nodes):
                held = await _held(cluster, nodes)
                await asyncio.sleep(0.25)
    except TimeoutError:
        outcome.wrong.append(f"the nodes hold different things: {held}")
    outcome.nodes = len(nodes)
    async with Database.open(cluster.database) as database:
        outcome.wrong += await database.read(disagreements)


async def _held(cluster: _Cluster, nodes: Sequence[str]) -> dict[str, str]:
    """Return position and digest of what each node that answers serves to its followers."""
    held = {}
    headers = {"authorization": f"Bearer {cluster.keys.relay_key}"}
    async with httpx2.AsyncClient(headers=headers) as client:
        for name in nodes:
            try:
                answer = await client.get(
                    f"{cluster.url(name)}/sync/v1/datafile", params={"environment": ENVIRONMENT}
                )
            except httpx2.HTTPError:
                continue
            if answer.status_code == 200:
                snapshot = decode_snapshot(answer.content)
                held[name] = f"{snapshot.position} {format_digest(snapshot.digest)}"
    return held
