"""Answers a creation that was asked for before as it was answered then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any, Final

from msgspec import Struct

from pennon.errors import AnsweredOnce
from pennon.origin.db.rows import AnyRow
from pennon.origin.idempotency.keeping import AnsweredBefore, find_answer
from pennon.origin.services import Origin
from pennon.web.endpoint import Again, Call, Endpoint, Lines, Reply
from pennon.web.idempotency import HEADER, Once
from pennon.web.problem import HttpError

Handler = Callable[[Call[Any, Any]], Awaitable[Struct | Lines | Reply[Struct] | Again]]

_RETRY_SECONDS: Final = "1"


class Answering:
    """Stands before the endpoints of one process that create something."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._running: set[str] = set()

    def before(self, endpoint: Endpoint) -> Endpoint:
        """Return *endpoint* as one that can be asked again; its handler calls `Origin.create`."""
        if not endpoint.creates:
            return endpoint
        handler = endpoint.handler

        @wraps(handler)
        async def answer(call: Call[Any, Any]) -> Struct | Lines | Reply[Struct] | Again:
            return await (
                handler(call) if call.once is None else self._once(call, call.once, handler)
            )

        return replace(endpoint, handler=answer)

    async def _once(
        self, call: Call[Any, Any], once: Once, handler: Handler
    ) -> Struct | Lines | Reply[Struct] | Again:
        if once.id in self._running:
            raise HttpError(
                409,
                f"The first request with this {HEADER} is not answered yet. Ask again.",
                (("retry-after", _RETRY_SECONDS),),
            )
        self._running.add(once.id)
        try:
            # Before the handler: what it would look at has changed by what it did.
            held = await self._origin.read(
                partial(find_answer, id=once.id, now=self._origin.clock())
            )
            return await handler(call) if held is None else _again(held, once)
        except AnsweredBefore as answered:
            return _again(answered.row, once)
        finally:
            self._running.discard(once.id)


def _again(row: AnyRow, once: Once) -> Again:
    if row.fingerprint != once.fingerprint:
        raise HttpError(
            422, f"This {HEADER} stood for another body before. Take a new one for a new request."
        )
    if row.body is None:
        raise AnsweredOnce(row.location)
    return Again(row.body, row.location)
