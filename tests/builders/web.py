"""A node without a network: its replicas set by hand, its data plane asked as a server would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from pennon.model.access import AccessKey
from pennon.model.messages import Acks, Message, NodeAnnouncement, Snapshot
from pennon.model.position import ACCESS
from pennon.relay.follower import Follower
from pennon.relay.sse import SseParser
from pennon.relay.tiers import DatafileStore
from pennon.relay.upstream import message_of
from pennon.relay.working_set import Holding
from pennon.web.asgi import DataPlaneApp
from pennon.web.data_plane import DataPlane, Routed
from pennon.web.fanout import Fanout
from pennon.web.handler import Feed, Piece, Request, Sink, Stream
from pennon.web.history import History
from pennon.web.node import Node
from pennon.web.settings import NodeSettings
from tests.builders.relay import (
    SHOP,
    Clock,
    ScriptedSource,
    a_heartbeat,
    a_secret,
    an_access,
    an_access_key,
)

RELAY, SERVER = a_secret(1), a_secret(2, "server")
SHOP_RELAY, CLIENT = a_secret(3), a_secret(4, "client")
"""A relay key, and a server key, that open all; a relay and a client key of the shop alone."""
PATIENCE = 5.0
"""Seconds after which something that should have happened is taken not to."""
ORDINARY_KEYS = (
    an_access_key(RELAY),
    an_access_key(SERVER, kind="server"),
    an_access_key(SHOP_RELAY, SHOP),
    an_access_key(CLIENT, SHOP, kind="client"),
)


class Said:
    """
    A feed that says what it is given as its client takes it, then ends, unless it is to wait.

    An exception among it is raised. `closed` is set when the stream is over.
    """

    def __init__(self, said: Iterable[Piece | Exception], *, then_wait: bool = False) -> None:
        self._said, self._then_wait = iter(said), then_wait
        self.opened = False
        self.closed = asyncio.Event()

    def open(self, sink: Sink) -> None:
        self._sink, self.opened = sink, True
        self.resume()

    def resume(self) -> None:
        for piece in self._said:
            if isinstance(piece, Exception):
                raise piece
            if not self._sink.write(piece):
                return
        if not self._then_wait:
            self._sink.end()

    def end(self) -> None:
        self._sink.end()

    def close(self) -> None:
        self.closed.set()


class KeptReports:
    """Takes reports and keeps them."""

    def __init__(self) -> None:
        self.taken: list[Acks | NodeAnnouncement] = []

    async def acks(self, acks: Acks) -> None:
        self.taken.append(acks)

    async def nodes(self, announcements: Sequence[NodeAnnouncement]) -> None:
        self.taken.extend(announcements)


class ANode:
    """
    A node that holds *held*, in touch with its parent unless a test says otherwise.

    Its clock, which staleness is measured by, stands still.
    """

    def __init__(
        self,
        *held: Snapshot,
        keys: Sequence[AccessKey] = ORDINARY_KEYS,
        environments: Sequence[str] = (SHOP,),
        loaded: bool = True,
        history: History | None = None,
        most_seats: int = 100,
        store: DatafileStore | None = None,
        holding: Holding | None = None,
        **settings: Any,
    ) -> None:
        self.clock = Clock()
        self.follower = Follower(
            ScriptedSource(),
            lambda access: access.environments,
            store=store,
            clock=self.clock,
            holding=holding,
        )
        self.replicas = self.follower.replicas
        if loaded:
            self.replicas.open(ACCESS).replace(an_access(*keys, environments=environments))
            self.hear(ACCESS)
        for snapshot in held:
            self.replicas.open(snapshot.environment).replace(snapshot)
            self.hear(snapshot.environment)
        self.fanout = Fanout(self.replicas, most_seats=most_seats)
        self.reports = KeptReports()
        timing = {"comment_seconds": 20.0, "idle_seconds": 40.0, "heartbeat_seconds": 20.0}
        node = Node(
            self.follower,
            self.fanout,
            NodeSettings(**{**timing, **settings}),
            self.reports,
            history,
        )
        self.keys = node.keys
        self.parts: tuple[Routed, ...] = node.parts

    @property
    def app(self) -> DataPlaneApp:
        plane = DataPlane(*self.parts)
        return DataPlaneApp(plane.answer, refuse=plane.refusal)

    def feed(self, environment: str) -> Feed:
        """Return what would fill the stream of *environment*, a name or ``NAME@POSITION``."""
        answer = DataPlane(*self.parts).answer(
            Request(
                method="GET",
                path="/sync/v1/stream",
                query=urlencode({"environment": environment}),
                headers=_headers(RELAY, {}),
            )
        )
        assert isinstance(answer, Stream)
        return answer.feed

    async def settle(self) -> None:
        """Let what is due come to pass."""
        for _ in range(3):
            await asyncio.sleep(0)

    def hear(self, environment: str) -> None:
        """Be in touch with the parent about *environment*."""
        self.follower.freshness.heard(a_heartbeat(environment=environment))

    async def get(self, path: str, *, key: str | None = RELAY, **headers: str) -> Answered:
        """Ask for *path*."""
        return await ask(self.app, "GET", path, headers=_headers(key, headers))

    async def post(
        self, path: str, body: bytes | object, *, key: str | None = RELAY, **headers: str
    ) -> Answered:
        """Post *body*, JSON unless it is bytes already."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await ask(self.app, "POST", path, data, headers=_headers(key, headers))

    def stream(
        self, *environments: str, key: str | None = RELAY, **headers: str
    ) -> AbstractAsyncContextManager[StreamReader]:
        """Stream *environments*, each a name or ``NAME@POSITION``, for the length of a block."""
        path = f"/sync/v1/stream?{urlencode({'environment': environments}, doseq=True)}"
        return streaming(self.app, path, headers=_headers(key, headers))

    def stream_of_many(
        self, body: object, *, key: str | None = RELAY
    ) -> AbstractAsyncContextManager[StreamReader]:
        """Stream what *body* names, for the length of a block."""
        data = json.dumps(body).encode()
        return streaming(self.app, "/sync/v1/stream", _headers(key, {}), data)


class SlowSink:
    """Takes one piece of a stream, and the next once its feed is told to resume."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.ended = self.aborted = False

    def write(self, piece: Piece) -> bool:
        self.pieces.append(piece)
        return False

    def end(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.aborted = True

    def said(self) -> list[Message]:
        """Return the messages of what was written, and forget it."""
        parser = SseParser()
        events = [event for piece in self.pieces for event in parser.feed(bytes(piece))]
        self.pieces = []
        return [message for event in events if (message := message_of(event)) is not None]


class Answered:
    """A whole answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> Any:
        return json.loads(self.body)


class Exchange:
    """One request to an ASGI application: what it reads and sends, with the client in our hands."""

    def __init__(
        self, app: DataPlaneApp, method: str, path: str, headers: Mapping[str, str], *body: bytes
    ) -> None:
        plain, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": plain,
            "query_string": query.encode(),
            "headers": [
                (name.encode(), value.encode("latin-1")) for name, value in headers.items()
            ],
            "client": ("127.0.0.1", 5000),
        }
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for number, part in enumerate(body or (b"",), 1):
            more = number < len(body)
            self._incoming.put_nowait({"type": "http.request", "body": part, "more_body": more})
        self._outgoing: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self.reads = asyncio.Event()
        """Whether the client takes what it is sent."""
        self.reads.set()
        self.task = asyncio.create_task(app(scope, self._incoming.get, self._send))

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self.reads.wait()
        self._outgoing.put_nowait(message)

    async def next(self) -> Mapping[str, Any]:
        """Return the next thing that the application sends."""
        async with asyncio.timeout(PATIENCE):
            return await self._outgoing.get()

    async def started(self) -> tuple[int, dict[str, str]]:
        """Return the status and headers that the answer begins with."""
        message = await self.next()
        assert message["type"] == "http.response.start"
        headers = {name.decode(): value.decode() for name, value in message["headers"]}
        return message["status"], headers

    def leave(self) -> None:
        """Be a client that is gone."""
        self._incoming.put_nowait({"type": "http.disconnect"})

    async def over(self) -> None:
        """Wait until the application has nothing more to do."""
        async with asyncio.timeout(PATIENCE):
            await self.task


async def ask(
    app: DataPlaneApp,
    method: str,
    path: str,
    *body: bytes,
    headers: Mapping[str, str] | None = None,
) -> Answered:
    """Ask *app* and return its whole answer."""
    exchange = Exchange(app, method, path, headers or {}, *body)
    await exchange.over()
    status, answered = await exchange.started()
    content = (await exchange.next())["body"]
    return Answered(status, answered, content)


class StreamReader:
    """What a follower reads from a stream."""

    def __init__(self, exchange: Exchange, status: int, headers: Mapping[str, str]) -> None:
        self.exchange, self.status, self.headers = exchange, status, headers
        self._parser = SseParser()
        self._messages: list[Message] = []
        self.ended = False

    async def chunk(self) -> bytes:
        """Return the next bytes, or none when the stream has ended."""
        message = await self.exchange.next()
        self.ended = not message.get("more_body")
        body: bytes = message["body"]
        return body

    async def message(self) -> Message:
        """Return the next message, reading over comments."""
        while not self._messages:
            chunk = await self.chunk()
            assert not self.ended, "the stream has ended"
            read = [message_of(event) for event in self._parser.feed(chunk)]
            self._messages = [message for message in read if message is not None]
        return self._messages.pop(0)

    async def end(self) -> list[Message]:
        """Return what is still said before the stream ends."""
        said, self._messages = self._messages, []
        while not self.ended:
            read = [message_of(event) for event in self._parser.feed(await self.chunk())]
            said += [message for message in read if message is not None]
        return said


@asynccontextmanager
async def streaming(
    app: DataPlaneApp, path: str, headers: Mapping[str, str], *body: bytes
) -> AsyncIterator[StreamReader]:
    """Open a stream for the length of a block; the client leaves at its end."""
    exchange = Exchange(app, "POST" if body else "GET", path, headers, *body)
    status, answered = await exchange.started()
    try:
        yield StreamReader(exchange, status, answered)
    finally:
        exchange.reads.set()
        exchange.leave()
        await exchange.over()


def _headers(key: str | None, headers: Mapping[str, str]) -> dict[str, str]:
    given = {name.lower().replace("_", "-"): value for name, value in headers.items()}
    return given if key is None else {"authorization": f"Bearer {key}", **given}
