"""What a node serves to its followers: the stream, the changes after a position, the datafile."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import Collection, Mapping
from typing import Protocol

import zstandard

from pennon.errors import BadInput, Forbidden, Gone, NotFound, NotReady
from pennon.model.access import AccessKey
from pennon.model.position import ACCESS, Position, check_environment
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas
from pennon.web.handler import JSON, Handler, Request, Response, Stream
from pennon.web.stream import Streams

STREAM_HEADERS = (
    ("content-type", "text/event-stream"),
    ("cache-control", "no-cache"),
    ("x-accel-buffering", "no"),
)
MOST_ENVIRONMENTS = 500
"""How many environments one stream may name."""
PATIENCE_SECONDS = 2.0
"""How long a follower is kept waiting for what this node is about to have."""

Cursors = dict[str, Position | None]


class History(Protocol):
    """What reaches further back than a replica's run of frames: a changelog, or a parent."""

    async def between(self, environment: str, start: Position, end: Position) -> bytes | None:
        """Return the frames after *start* up to *end*, or None when they are gone or too many."""
        ...


class SyncEndpoints:
    """The stream and its slower kin, over one node's replicas. Only relay keys may ask."""

    def __init__(
        self, replicas: Replicas, streams: Streams, history: History | None = None
    ) -> None:
        self._replicas, self._streams, self._history = replicas, streams, history
        self._keys = streams.keys

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/sync/v1/stream"): self.stream,
            ("GET", "/sync/v1/changes"): self.changes,
            ("GET", "/sync/v1/datafile"): self.datafile,
        }

    async def stream(self, request: Request) -> Stream:
        """Send what each named environment lacks, then whatever happens."""
        key = self._keys.relay(request)
        cursors = self._cursors(request, key)
        self._streams.fanout.require_seat()
        await self._until_loaded(cursors)
        replicas = [self._replica(environment) for environment in cursors]
        backlog: list[bytes] = []
        for replica in replicas:
            cursor = cursors[replica.environment]
            if cursor is not None and (older := await self._older(replica, cursor)):
                backlog.append(older[0])
                cursors[replica.environment] = older[1]
        self._streams.fanout.require_seat()  # others may have come while the history was read
        chunks = self._streams.follow(key, cursors, replicas, backlog)
        return Stream(headers=STREAM_HEADERS, chunks=chunks)

    async def changes(self, request: Request) -> Response:
        """Send the frames after one position and end."""
        replica, cursor = self._one(request)
        if cursor is None:
            raise BadInput.at("?environment", "expected a position, as in 'NAME@EPOCH.1042'")
        held = replica.position
        assert held is not None
        frames = b"" if cursor >= held else replica.run.after(cursor)
        if frames is None and (older := await self._older(replica, cursor)):
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

    def _one(self, request: Request) -> tuple[Replica, Position | None]:
        cursors = self._cursors(request, self._keys.relay(request))
        if len(cursors) != 1:
            raise BadInput.at("?environment", "expected exactly one environment")
        ((environment, cursor),) = cursors.items()
        return self._replica(environment), cursor

    def _cursors(self, request: Request, key: AccessKey) -> Cursors:
        """Return the environments that *request* names, with the position of each."""
        cursors: Cursors = {}
        for name, value in request.parameters():
            if name != "environment":
                continue
            environment, at, position = value.partition("@")
            check_environment(environment, "?environment")
            if environment != ACCESS and not self._keys.access.allows(key, environment):
                raise Forbidden(f"The key does not open {environment}.")
            cursors[environment] = Position.parse(position, "?environment") if at else None
        if not 1 <= len(cursors) <= MOST_ENVIRONMENTS:
            raise BadInput.at("?environment", f"expected 1 to {MOST_ENVIRONMENTS} environments")
        last = request.headers.get("last-event-id")
        if last and len(cursors) == 1:
            cursors = {name: Position.parse(last, "Last-Event-ID") for name in cursors}
        return cursors

    async def _until_loaded(self, environments: Collection[str]) -> None:
        """
        Return once *environments* are held, or after a moment.

        A follower learns of a new environment as soon as this node does, and asks for it while
        it is still on its way here: to send it off would cost it a second on all the others.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                with self._streams.fanout.seat(environments) as wake:
                    while any(map(self._is_on_its_way, environments)):
                        await wake.wait()
                        wake.clear()

    def _is_on_its_way(self, environment: str) -> bool:
        replica = self._replicas.get(environment)
        if replica is None:
            return environment in self._keys.access.environments
        return replica.position is None

    def _replica(self, environment: str) -> Replica:
        replica = self._replicas.get(environment)
        if replica is not None and replica.position is not None:
            return replica
        if replica is None and environment not in self._keys.access.environments:
            raise NotFound("environment", environment)
        raise NotReady(f"{environment} is not loaded here yet.")

    async def _older(self, replica: Replica, cursor: Position) -> tuple[bytes, Position] | None:
        """Return the frames that the run no longer has, and the position after them."""
        held = replica.position
        if self._history is None or held is None or cursor.epoch != held.epoch:
            return None
        if cursor >= held or replica.run.after(cursor) is not None:
            return None
        frames = await self._history.between(replica.environment, cursor, held)
        return None if frames is None else (frames, held)


def _compress(body: bytes, accepted: str) -> tuple[str, bytes]:
    """Return the encoding chosen from an `Accept-Encoding` header, and the body in it."""
    parts = [part.replace(" ", "").partition(";q=") for part in accepted.lower().split(",")]
    offered = {name for name, _, weight in parts if weight.strip("0.") or not weight}
    if "zstd" in offered:
        return "zstd", zstandard.ZstdCompressor().compress(body)
    if "gzip" in offered:
        return "gzip", gzip.compress(body, 6, mtime=0)
    return "", body
