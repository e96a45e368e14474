"""The OpenFeature Remote Evaluation Protocol, version 0.3: one flag, or all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from pennon.edge.answering import Answer, Answering
from pennon.edge.asked import CONTEXT, context_in
from pennon.edge.catching_up import CatchingUp, heard_by
from pennon.edge.counting import Counter
from pennon.edge.event_streams import EventStreams, streams_of
from pennon.edge.ofrep_answers import (
    BadRequest,
    all_written,
    not_found,
    refused,
    respond,
    written,
)
from pennon.edge.scope import Scope, Scopes
from pennon.errors import BadInput
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.position import Position
from pennon.relay.on_demand import BeingOpened
from pennon.web.handler import Handler, Request, Response

_encode = msgspec.json.Encoder().encode

FLAGS_PATH: Final = "/ofrep/v1/evaluate/flags"


class OfrepEndpoints:
    """Evaluates what a key may see, and has it counted."""

    def __init__(
        self,
        scopes: Scopes,
        answering: Answering,
        counter: Counter | None = None,
        streams: EventStreams | None = None,
        catching_up: CatchingUp | None = None,
    ) -> None:
        self._scopes, self._answering = scopes, answering
        self._counter, self._streams, self._catching_up = counter, streams, catching_up

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("POST", FLAGS_PATH): self.bulk,
            ("POST", f"{FLAGS_PATH}/"): self.bulk,
            ("POST", f"{FLAGS_PATH}/*"): self.single,
        }

    def refusal(self, request: Request, error: Exception) -> Response:
        """Say why a request is refused that reached no flag."""
        key = request.path[len(FLAGS_PATH) + 1 :] or None
        return refused(request, error, key)

    def single(self, request: Request) -> Response | Awaitable[Response]:
        """Evaluate the flag that the path names."""
        key = request.path[len(FLAGS_PATH) + 1 :]
        try:
            return self._single(request, key)
        except BeingOpened as opening:
            return self._once_open(opening, request, lambda: self._single(request, key), key)
        except Exception as error:
            return refused(request, error, key)

    def bulk(self, request: Request) -> Response | Awaitable[Response]:
        """Evaluate every flag that the key may see; 304 when the same would be said again."""
        try:
            scope = self._scope(request)
            heard = heard_by(request)
            if heard and self._catching_up and self._catching_up.lacks(scope.environment, heard):
                return self._bulk_later(request, scope.environment, heard, self._catching_up)
            return self._bulk(request, scope)
        except BeingOpened as opening:
            return self._once_open(
                opening, request, lambda: self._bulk(request, self._scope(request))
            )
        except Exception as error:
            return refused(request, error)

    async def _once_open(
        self,
        opening: BeingOpened,
        request: Request,
        answer: Callable[[], Response | Awaitable[Response]],
        key: str | None = None,
    ) -> Response:
        try:
            return await self._scopes.once_open.answer(opening, answer)
        except Exception as error:
            return refused(request, error, key)

    async def _bulk_later(
        self, request: Request, environment: str, heard: Position, catching_up: CatchingUp
    ) -> Response:
        try:
            await catching_up.wait(environment, heard)
            response = self._bulk(request, self._scope(request))
            return response if isinstance(response, Response) else await response
        except Exception as error:
            return refused(request, error)

    def _single(self, request: Request, key: str) -> Response | Awaitable[Response]:
        scope = self._scope(request)
        context = _context(request.body)
        if scope.client_side and not scope.ruleset.is_visible(key, scope.client_side):
            return respond(404, written(not_found(key), scope), scope)
        answer = self._answering.one(scope, key, context)
        if isinstance(answer, Answer):
            return self._say_one(context, answer)
        return self._say_one_later(request, key, context, answer)

    async def _say_one_later(
        self, request: Request, key: str, context: Context, answer: Awaitable[Answer]
    ) -> Response:
        try:
            return self._say_one(context, await answer)
        except Exception as error:
            return refused(request, error, key)

    def _say_one(self, context: Context, answer: Answer) -> Response:
        scope, (detail,) = answer.scope, answer.details
        if self._counter is not None:
            self._counter.see(scope.environment, context)
            self._counter.count(scope.environment, detail)
            flag = scope.ruleset.flag(detail.flag)
            if flag is not None and flag.track != "none":
                self._counter.expose(scope.environment, flag, detail, context)
        return respond(_STATUS.get(detail.error_code, 400), written(detail, scope), scope)

    def _bulk(self, request: Request, scope: Scope) -> Response | Awaitable[Response]:
        stream = self._streams.offer(scope) if self._streams else None
        etag = _etag(scope, stream, request.body)
        if etag in request.headers.get("if-none-match", ""):
            return Response(status=304, headers=(("etag", etag), *scope.headers()))
        context = _context(request.body)
        answer = self._answering.all(scope, context, client_side=scope.client_side)
        if isinstance(answer, Answer):
            return self._say_all(context, answer, stream, etag)
        return self._say_all_later(request, context, answer)

    async def _say_all_later(
        self, request: Request, context: Context, awaited: Awaitable[Answer]
    ) -> Response:
        try:
            answer = await awaited
            stream = self._streams.offer(answer.scope) if self._streams else None
            etag = _etag(answer.scope, stream, request.body)
            return self._say_all(context, answer, stream, etag)
        except Exception as error:
            return refused(request, error)

    def _say_all(self, context: Context, answer: Answer, stream: str | None, etag: str) -> Response:
        """Answer; without a tag where a membership was not known: it may be at any moment."""
        scope, details = answer.scope, answer.details
        if self._counter is not None:
            self._counter.see(scope.environment, context)
            self._counter.count_all(scope.environment, details)
        tag = (("etag", etag),) if answer.complete else ()
        return respond(200, _whole(details, scope, stream), scope, tag)

    def _scope(self, request: Request) -> Scope:
        try:
            return self._scopes.of(request)
        except BadInput as error:
            raise BadRequest("GENERAL", error) from None


_STATUS: Final[dict[str | None, int]] = {None: 200, "FLAG_NOT_FOUND": 404}


def _context(body: bytes) -> Context:
    try:
        given = context_in(body)
    except BadInput as error:
        raise BadRequest("PARSE_ERROR", error) from None
    try:
        return Context.of(given, CONTEXT)
    except BadInput as error:
        raise BadRequest("INVALID_CONTEXT", error) from None


def _whole(details: Sequence[Detail], scope: Scope, stream: str | None) -> bytes:
    rest: dict[str, Any] = {"metadata": {"flagSetId": scope.environment, "version": scope.position}}
    if stream is not None:
        rest["eventStreams"] = streams_of(stream)
    return b'{"flags":[%b],%b' % (all_written(details, scope), _encode(rest)[1:])


def _etag(scope: Scope, stream: str | None, body: bytes) -> str:
    """
    Return the tag of all that a bulk answer depends on.

    That is the address of the stream as well: who is answered 304 goes on with the one it has.
    """
    parts = (scope.environment, scope.position, scope.client_side or "server", stream or "")
    seen = hashlib.sha256("\0".join(parts).encode() + b"\0" + body)
    return f'"{seen.hexdigest()[:32]}"'
