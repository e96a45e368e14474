"""
The worker under workerd, Cloudflare's own runtime: a child process that follows a node of ours.

What is doubled is KV alone: workerd asks an HTTP service for values, and `Values` is one.
"""

from __future__ import annotations

import asyncio
import json
import platform
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import httpx2

from pennon.edge.ofrep import FLAGS_PATH
from pennon.model.codec import encode_snapshot
from pennon.model.messages import Snapshot
from pennon.web import server
from pennon.web.bare import BareServer
from pennon.web.data_plane import DataPlane, Routed
from pennon.web.handler import Answer, Handler, Request, Response
from tests.builders.children import die_with_the_tests
from tests.builders.edge import RELAY, AnEdge
from tests.builders.relay import SHOP

ROOT: Final = Path(__file__).parents[2]
_MACHINE: Final = {"x86_64": "64", "aarch64": "arm64"}.get(platform.machine(), "")
WORKERD: Final = ROOT / f"node_modules/@cloudflare/workerd-linux-{_MACHINE}/bin/workerd"
"""What `npm ci` installs on Linux."""
PATIENCE: Final = 30.0

_CONFIG: Final = """
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "net", network = (allow = ["public", "private", "local"])),
    (name = "kv", external = (address = "{kv}", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-07-01",
  globalOutbound = "net",
  durableObjectNamespaces = [(className = "MortalHub", uniqueKey = "hub", enableSql = true)],
  durableObjectStorage = (inMemory = void),
  bindings = [
    (name = "PENNON_URL", text = "{url}"),
    (name = "PENNON_RELAY_KEY", text = "{key}"),
    (name = "PENNON_ENVIRONMENTS", text = "{environments}"),
    {hub}
    (name = "PENNON_KV", kvNamespace = "kv"),
  ],
);
"""
_HUB: Final = '(name = "PENNON_HUB", durableObjectNamespace = "MortalHub"),'


class Values:
    """Answers for KV: values by name, as workerd asks for them."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    def put(self, *snapshots: Snapshot) -> None:
        """Keep *snapshots* as the origin's publisher does."""
        self.values |= {each.environment: encode_snapshot(each) for each in snapshots}

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/*"): self._get}

    def _get(self, request: Request) -> Response:
        value = self.values.get(unquote(request.path[1:]))
        return Response(status=404) if value is None else Response(body=value)


class Serving:
    """Parts on a socket of the machine; `stop` cuts everybody off, and nobody comes back."""

    def __init__(self, bound: socket.socket, asked: list[str], stack: AsyncExitStack) -> None:
        self._stack = stack
        self.asked = asked
        """The paths that were asked for."""
        self.address = "{}:{}".format(*bound.getsockname())

    async def stop(self) -> None:
        """Be gone."""
        await self._stack.aclose()


@asynccontextmanager
async def serving(*parts: Routed) -> AsyncIterator[Serving]:
    """Serve *parts* for the length of a block, or until they are stopped."""
    plane = DataPlane(*parts)
    asked: list[str] = []

    def answer(request: Request) -> Answer | Awaitable[Answer]:
        asked.append(request.path)
        return plane.answer(request)

    bare = BareServer(answer, refuse=plane.refusal)
    bound = server.bind("127.0.0.1", 0)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(bare.listening(bound))
        stack.push_async_callback(bare.drain, 0.0)
        yield Serving(bound, asked, stack)


class Workerd:
    """A worker that runs; asked as a provider would."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    async def post(
        self, path: str, body: object, *, key: str | None, **headers: str
    ) -> httpx2.Response:
        """Post *body* as JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        who = {} if key is None else {"authorization": f"Bearer {key}"}
        content = json.dumps(body)
        return await self.client.post(path, content=content, headers={**who, **named})

    async def version(self, key: str) -> int | None:
        """Return the version of the shop that it serves now; None where it serves none."""
        answer = await self.post(FLAGS_PATH, {}, key=key)
        position = answer.headers.get("x-pennon-version")
        return None if position is None else int(position.partition(".")[2])

    async def until_at(self, version: int, key: str) -> None:
        """Return once it serves *version*."""
        async with asyncio.timeout(PATIENCE):
            while await self.version(key) != version:  # noqa: ASYNC110  # it is another process
                await asyncio.sleep(0.005)

    async def until_refused(self, key: str) -> None:
        """Return once *key* opens nothing any more."""
        async with asyncio.timeout(PATIENCE):
            answer = await self.post(FLAGS_PATH, {}, key=key)
            while answer.status_code != 401:
                await asyncio.sleep(0.005)
                answer = await self.post(FLAGS_PATH, {}, key=key)

    async def kill_hub(self) -> None:
        """End the hub, and every socket that it holds."""
        answer = await self.client.get("/die")
        assert answer.status_code == 200


@asynccontextmanager
async def a_workerd(
    url: str, kv: str, *, environments: str = SHOP, hub: bool = True
) -> AsyncIterator[Workerd]:
    """Run the worker, which follows the node at *url*, for the length of a block."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "worker.js").write_text(_bundle())
        named: dict[str, Any] = {"url": url, "kv": kv, "environments": environments, "key": RELAY}
        config = folder / "config.capnp"
        config.write_text(_CONFIG.format(hub=_HUB if hub else "", **named))
        bound = socket.create_server(("127.0.0.1", 0))
        with (folder / "log").open("wb") as log:
            child = subprocess.Popen(  # noqa: ASYNC220  # it returns at once
                [WORKERD, "serve", config, f"--socket-fd=http={bound.fileno()}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[bound.fileno()],
                preexec_fn=die_with_the_tests,
            )
        address = "http://{}:{}".format(*bound.getsockname())
        bound.close()
        try:
            # Requests wait in the socket until it serves.
            async with httpx2.AsyncClient(base_url=address, timeout=PATIENCE) as client:
                yield Workerd(client)
        finally:
            child.kill()
            child.wait()


class Story(NamedTuple):
    """A worker, the edge that it follows, where that listens, and what KV holds."""

    worker: Workerd
    edge: AnEdge
    origin: Serving
    kv: Values


@asynccontextmanager
async def a_story(edge: AnEdge, *, hub: bool = True) -> AsyncIterator[Story]:
    """Run a worker that follows *edge*, for the length of a block."""
    values = Values()
    async with (
        serving(*edge.parts) as origin,
        serving(values) as kv,
        a_workerd(f"http://{origin.address}", kv.address, hub=hub) as worker,
    ):
        yield Story(worker, edge, origin, values)


@cache
def _bundle() -> str:
    made = subprocess.run(
        [
            *(ROOT / "scripts/with-node", "node", ROOT / "node_modules/esbuild/bin/esbuild"),
            *(ROOT / "packages/worker/test/workerd/worker.ts", "--bundle", "--format=esm"),
            *("--target=es2022", "--conditions=pennon-source", "--log-level=error"),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return made.stdout
