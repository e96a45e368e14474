"""Bootstrap: what a page's flags serve its visitor, for the page to start with."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec

from pennon.edge.answering import Answer, Answering
from pennon.edge.asked import CONTEXT, context_in
from pennon.edge.counting import Counter
from pennon.edge.scope import ClientSide, Scope, Scopes
from pennon.evaluation.served import all_served
from pennon.evaluation.served_state import State, name_of
from pennon.model.bootstrap import Bootstrap
from pennon.model.context import Context
from pennon.model.context_hash import context_hash
from pennon.model.detail import Detail
from pennon.model.position import Position
from pennon.relay.on_demand import BeingOpened
from pennon.web.handler import JSON, Handler, Request, Response

BOOTSTRAP_PATH: Final = "/bootstrap/v1"
_PRIVATE: Final = ("cache-control", "private, no-cache")
_encode = msgspec.json.Encoder().encode


class BootstrapEndpoints:
    """Answers the payload for a context; *clock* is epoch milliseconds."""

    def __init__(
        self,
        scopes: Scopes,
        answering: Answering,
        clock: Callable[[], int],
        counter: Counter | None = None,
    ) -> None:
        self._scopes, self._answering = scopes, answering
        self._clock, self._counter = clock, counter

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {("POST", BOOTSTRAP_PATH): self.bootstrap}

    def bootstrap(self, request: Request) -> Response | Awaitable[Response]:
        """
        Served what the page's flags serve the context of the body; 304 when that is known.

        What stands in a page can be read by whoever sees the page: so a server key is answered
        what a client key would be. Raises what the key is refused with, and BadInput.
        """
        try:
            return self._bootstrap(request)
        except BeingOpened as opening:
            return self._scopes.once_open.answer(opening, lambda: self._bootstrap(request))

    def _bootstrap(self, request: Request) -> Response | Awaitable[Response]:
        scope = self._scopes.of(request)
        context = Context.of(context_in(request.body), CONTEXT)
        side: ClientSide = scope.client_side or "web"
        named, whose = context_hash(context), name_of(scope.environment, side, context)
        etag = _etag(scope, whose)
        if etag in request.headers.get("if-none-match", ""):
            return Response(status=304, headers=(("etag", etag), _PRIVATE, *scope.headers()))
        answer = self._answering.all(scope, context, client_side=side)
        if isinstance(answer, Answer):
            return self._say(context, named, whose, answer)
        return self._say_later(context, named, whose, answer)

    async def _say_later(
        self, context: Context, named: str, whose: bytes, answer: Awaitable[Answer]
    ) -> Response:
        return self._say(context, named, whose, await answer)

    def _say(self, context: Context, named: str, whose: bytes, answer: Answer) -> Response:
        """Answer; without a tag where a membership was not known: it may be at any moment."""
        scope, details = answer.scope, answer.details
        if self._counter is not None:
            self._counter.see(scope.environment, context)
            self._counter.count_all(scope.environment, details)
        tag = (("etag", _etag(scope, whose)),) if answer.complete else ()
        payload = payload_of(scope, details, named, whose, self._clock())
        return Response(headers=(JSON, *tag, _PRIVATE, *scope.headers()), body=_encode(payload))


def payload_of(
    scope: Scope, details: Sequence[Detail], named: str, whose: bytes, now: int
) -> Bootstrap:
    """Return what *details* say to a page, for the context whose hash is *named*."""
    position = Position.parse(scope.position)
    answers = all_served(details, scope.ruleset)
    return Bootstrap(
        version=f"v{position.version}",
        flags={key: answer.flag for key, answer in answers.items()},
        epoch=position.epoch,
        environment=scope.environment,
        context_hash=named,
        state=str(State.of(position, whose, answers.values())),
        generated_at=now,
        stale_ms=scope.stale_ms,
    )


def _etag(scope: Scope, whose: bytes) -> str:
    """Return the tag; contexts that a page takes for one may be two to a rule: large numbers."""
    seen = hashlib.sha256(f"{scope.position}\0".encode() + whose)
    return f'"{seen.hexdigest()[:32]}"'
