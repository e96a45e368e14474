"""What a node serves to its followers: the stream, the changes after a position, the datafile."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec
import zstandard

from pennon.errors import BadInput, Forbidden, Gone, NotFound, NotReady
from pennon.model.access import AccessKey
from pennon.model.messages import ENVIRONMENTS_PATH, GrantedEnvironments
from pennon.model.position import ACCESS, Position
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas
from pennon.web.arrivals import Arrivals
from pennon.web.asked import Cursors, cursors_of_body, cursors_of_query
from pennon.web.handler import JSON, NO_STORE, Handler, Request, Response, Stream
from pennon.web.history import History, SharedHistory
from pennon.web.stream import Streams

STREAM_HEADERS = (
    ("content-type", "text/event-stream"),
    ("cache-control", "no-cache"),
    ("x-accel-buffering", "no"),
)
_encode = msgspec.json.Encoder().encode
PATIENCE_SECONDS = 2.0
"""How long a follower is kept waiting for what this node is about to have."""


class SyncEndpoints:
    """
    The stream and its slower kin, over one node's replicas.

    Relay keys may ask, and server keys: an SDK that evaluates in its process holds an environment
    as a node does. What `$access` says of keys is for relay keys alone.

    *open* has an environment opened that is not here, one to follow whatever the room if its
    second argument says so; it may raise what there is to say of that.
    """

    def __init__(
        self,
        replicas: Replicas,
        streams: Streams,
        history: History | None = None,
        open: Callable[[str, bool], None] = lambda environment, to_follow: None,
    ) -> None:
        self._open = open
        self._replicas, self._streams, self._keys = replicas, streams, streams.keys
        self._history = SharedHistory(history, streams.not_now)
        self._arrivals = Arrivals(replicas, streams.keys.access)

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/sync/v1/stream"): self.stream,
            ("POST", "/sync/v1/stream"): self.stream_of_many,
            ("GET", "/sync/v1/changes"): self.changes,
            ("GET", "/sync/v1/datafile"): self.datafile,
            ("GET", ENVIRONMENTS_PATH): self.environments,
        }

    def stream(self, request: Request) -> Stream | Awaitable[Stream]:
        """Send what each environment lacks that the address names, then whatever happens."""
        key = self._keys.follower(request)
        return self._follow(key, cursors_of_query(request))

    def stream_of_many(self, request: Request) -> Stream | Awaitable[Stream]:
        """Do so for the environments of the body: an address cannot name hundreds."""
        key = self._keys.follower(request)
        return self._follow(key, cursors_of_body(request))

    def environments(self, request: Request) -> Response:
        """Send the names of the environments that the key opens."""
        key = self._keys.follower(request)
        granted = sorted(self._keys.access.granted(key))
        answer = GrantedEnvironments(environments=tuple(granted))
        return Response(headers=(JSON, NO_STORE), body=_encode(answer))

    async def changes(self, request: Request) -> Response:
        """Send the frames after one position and end."""
        replica, cursor = self._one(request)
        if cursor is None:
            raise BadInput.at("?environment", "expected a position, as in 'NAME@EPOCH.1042'")
        held = replica.position
        assert held is not None
        frames = b"" if cursor >= held else replica.run.after(cursor)
        if frames is None and (older := await self._history.after(replica, cursor)):
            frames = older[0]
        if frames is None:
            raise Gone(f"The changes of {replica.environment} after {cursor} are gone.")
        return Response(headers=STREAM_HEADERS, body=frames)

    async def datafile(self, request: Request) -> Response:
        """Send the envelope of one environment at the position held."""
        replica, _ = self._one(request)
        etag = f'"{replica.position}"'
        headers = (JSON, ("etag", etag), ("cache-control", "no-cache"))
        if etag in request.headers.get("if-none-match", ""):
            return Response(status=304, headers=headers)
        encoding, body = await asyncio.to_thread(
            _compress, replica.envelope(), request.headers.get("accept-encoding", "")
        )
        encoded = (("content-encoding", encoding),) if encoding else ()
        return Response(headers=(*headers, ("vary", "accept-encoding"), *encoded), body=body)

    def _follow(self, key: AccessKey, cursors: Cursors) -> Stream | Awaitable[Stream]:
        """Open a stream: at once where nothing must be waited for, as for all in a herd."""
        self._check_grants(key, cursors)
        self._streams.fanout.require_seat()
        expected = [environment for environment in cursors if self._arrivals.expects(environment)]
        for environment in expected:
            with suppress(NotReady):
                self._open(environment, key.kind == "relay")
        if expected:
            return self._follow_what_arrives(key, cursors)
        return self._follow_what_is_here(key, cursors)

    async def _follow_what_arrives(self, key: AccessKey, cursors: Cursors) -> Stream:
        """
        Wait a moment for what is on its way here.

        A follower learns of a new environment as soon as this node does: to send it off would
        cost it a second on all the others.
        """
        await self._arrivals.wait(cursors, PATIENCE_SECONDS)
        stream = self._follow_what_is_here(key, cursors)
        return stream if isinstance(stream, Stream) else await stream

    def _follow_what_is_here(self, key: AccessKey, cursors: Cursors) -> Stream | Awaitable[Stream]:
        replicas = [self._replica(environment) for environment in cursors]
        if any(_needs_much(replica, cursors[replica.environment]) for replica in replicas):
            self._streams.require_room()
        if any(self._history.may_have(each, cursors[each.environment]) for each in replicas):
            return self._follow_from_history(key, cursors, replicas)
        return self._stream(key, cursors, replicas)

    async def _follow_from_history(
        self, key: AccessKey, cursors: Cursors, replicas: list[Replica]
    ) -> Stream:
        backlog: list[bytes] = []
        for replica in replicas:
            cursor = cursors[replica.environment]
            if cursor is not None and (older := await self._history.after(replica, cursor)):
                backlog.append(older[0])
                cursors[replica.environment] = older[1]
        self._streams.fanout.require_seat()  # others may have come while the history was read
        return self._stream(key, cursors, replicas, backlog)

    def _stream(
        self,
        key: AccessKey,
        cursors: Cursors,
        replicas: list[Replica],
        backlog: Sequence[bytes] = (),
    ) -> Stream:
        return Stream(
            headers=STREAM_HEADERS, feed=self._streams.follow(key, cursors, replicas, backlog)
        )

    def _one(self, request: Request) -> tuple[Replica, Position | None]:
        key = self._keys.follower(request)
        cursors = cursors_of_query(request)
        self._check_grants(key, cursors)
        if len(cursors) != 1:
            raise BadInput.at("?environment", "expected exactly one environment")
        ((environment, cursor),) = cursors.items()
        return self._replica(environment), cursor

    def _check_grants(self, key: AccessKey, environments: Iterable[str]) -> None:
        for environment in environments:
            opens = (
                key.kind == "relay"
                if environment == ACCESS
                else self._keys.access.allows(key, environment)
            )
            if not opens:
                raise Forbidden(f"The key does not open {environment}.")

    def _replica(self, environment: str) -> Replica:
        replica = self._replicas.get(environment)
        if replica is not None and replica.position is not None:
            return replica
        if replica is None and environment not in self._keys.access.environments:
            raise NotFound("environment", environment)
        self._open(environment, False)
        raise NotReady(f"{environment} is not loaded here yet.")


def _needs_much(replica: Replica, cursor: Position | None) -> bool:
    """Return whether a follower at *cursor* lacks more than the run of frames has."""
    held = replica.position
    behind = held is not None and (cursor is None or cursor < held)
    return behind and (cursor is None or not replica.run.covers(cursor))


def _compress(body: bytes, accepted: str) -> tuple[str, bytes]:
    """Return the encoding chosen from an `Accept-Encoding` header, and the body in it."""
    parts = [part.replace(" ", "").partition(";q=") for part in accepted.lower().split(",")]
    offered = {name for name, _, weight in parts if weight.strip("0.") or not weight}
    if "zstd" in offered:
        return "zstd", zstandard.ZstdCompressor().compress(body)
    if "gzip" in offered:
        return "gzip", gzip.compress(body, 6, mtime=0)
    return "", body
