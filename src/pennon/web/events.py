"""What evaluating nodes below have seen: taken by the origin, passed up by any other node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec.structs import replace

from pennon.model.access import AccessKey
from pennon.model.events import EventBatch
from pennon.relay.postbox import Send
from pennon.web.auth import Keys
from pennon.web.handler import Handler, Request, Response
from pennon.web.packing import PLAIN, encoding_of, pack, unpack

_ACCEPTED = Response(status=202)


class EventSink(Protocol):
    """Where batches go; it has them when it returns, and raises NotReady when it cannot."""

    async def take(self, batch: EventBatch, data: bytes) -> None:
        """Take a batch, and the bytes that it came as, packed."""
        ...


class PassedUp:
    """
    Passes batches up, as they came, and answers for them what is answered above.

    So nothing is kept here that could be lost, and a batch is taken once the origin has it.
    """

    def __init__(self, send: Send) -> None:
        self._send = send

    async def take(self, batch: EventBatch, data: bytes) -> None:
        """Pass a batch up. Raises NotReady, and BadInput when the parent refuses it."""
        await self._send(data)


class EventEndpoints:
    """Takes batches from holders of relay keys."""

    def __init__(self, keys: Keys, sink: EventSink) -> None:
        self._keys, self._sink = keys, sink

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("POST", "/sync/v1/events"): self.events,
        }

    async def events(self, request: Request) -> Response:
        """Take a batch. One that was taken before changes nothing."""
        key = self._keys.relay(request)
        encoding = encoding_of(request)
        batch = unpack(request.body, encoding)
        mine = self._opened(batch, key)
        as_it_came = mine is batch and encoding != PLAIN
        await self._sink.take(mine, request.body if as_it_came else pack(mine))
        return _ACCEPTED

    def _opened(self, batch: EventBatch, key: AccessKey) -> EventBatch:
        """Return what *batch* tells of environments that *key* opens: the rest is not its own."""
        sorts = ("counts", "contexts", "exposures", "parcels")
        told: dict[str, Mapping[str, object]] = {sort: getattr(batch, sort) for sort in sorts}
        named = {name for by_environment in told.values() for name in by_environment}
        opened = {name for name in named if self._keys.access.allows(key, name)}
        if opened == named:
            return batch
        return replace(
            batch,
            **{
                sort: {name: some for name, some in by_environment.items() if name in opened}
                for sort, by_environment in told.items()
            },
        )
