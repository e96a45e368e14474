"""
The client stream of a node: who may open one, and what all of them share.

A page asks for the address of its stream, with its key and its context, and opens that; whoever
can send headers with a stream is answered with the stream itself.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from pennon.edge.asked import CONTEXT
from pennon.edge.client_stream.asking import Asking
from pennon.edge.client_stream.events import goodbye_event
from pennon.edge.client_stream.group import Group
from pennon.edge.client_stream.groups import Groups
from pennon.edge.client_stream.seat import ClientSeat
from pennon.edge.client_stream.tokens import LIFE_SECONDS, Asked, SealedTokens
from pennon.edge.scope import CLIENT_SIDE, Scopes
from pennon.errors import NotReady, Unauthenticated
from pennon.evaluation.served_state import State
from pennon.model.access import AccessKey
from pennon.model.codec import decode
from pennon.model.context import Context
from pennon.relay.on_demand import BeingOpened
from pennon.relay.replicas import Replicas
from pennon.relay.sse import COMMENT
from pennon.web.admission import Admission
from pennon.web.auth import Keys
from pennon.web.fanout import Fanout
from pennon.web.handler import JSON, NO_STORE, Answer, Handler, Request, Response, Stream
from pennon.web.rounds import SLICE_SECONDS
from pennon.web.sync import STREAM_HEADERS
from pennon.web.wheel import Wheel

CLIENT_STREAM_PATH: Final = "/client/v1/stream"
_EVENT_STREAM: Final = "text/event-stream"
_RETURN_MS: Final = 1000
# A stream that ended is opened again after that, and up to three times as long; one that a node
# ended that drains, after as long again for each so many streams that it had.
_RETURNS: Final = 2_000

_encode = msgspec.json.Encoder().encode


class _Body(Struct):
    context: Any = None
    since: str = ""


class ClientStreams:
    """Seats for clients, and the groups that they are in; *random* returns a number in [0, 1)."""

    def __init__(
        self,
        scopes: Scopes,
        replicas: Replicas,
        keys: Keys,
        groups: Groups,
        asking: Asking,
        *,
        comment_seconds: float,
        most: int,
        admission: Admission,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._scopes, self._replicas, self._keys = scopes, replicas, keys
        self.groups, self.asking = groups, asking
        self._most, self._random = most, random
        self._admission = admission
        self._tokens = SealedTokens(keys)
        self.fanout = Fanout(replicas, most_seats=most, seconds=SLICE_SECONDS, random=random)
        self._comments = Wheel(comment_seconds, ClientSeat.comment)

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        if not self._most:
            return {}
        return {("POST", CLIENT_STREAM_PATH): self.ask, ("GET", CLIENT_STREAM_PATH): self.listen}

    def ask(self, request: Request) -> Answer | Awaitable[Answer]:
        """
        Answer the address of the stream for the context of the body, or the stream itself.

        The flags are those that a page may see, or an app with a mobile key, whoever asks: a
        server may hand the address on. Raises what the key is refused with, and BadInput.
        """
        try:
            return self._ask(request)
        except BeingOpened as opening:
            return self._scopes.once_open.answer(opening, lambda: self._ask(request))

    def _ask(self, request: Request) -> Response | Stream:
        scope = self._scopes.of(request)
        self._scopes.require_hold(scope.environment)
        body = decode(request.body, _Body) if request.body.strip() else _Body()
        context = Context.of({} if body.context is None else body.context, CONTEXT)
        asked = Asked(scope.environment, context, body.since)
        if _EVENT_STREAM in request.headers.get("accept", ""):
            return self._stream(request, scope.key, asked)
        query = urlencode({"token": self._tokens.seal(scope.key, asked)})
        told = {"url": f"{CLIENT_STREAM_PATH}?{query}", "expiresIn": LIFE_SECONDS}
        return Response(headers=(JSON, NO_STORE, *scope.headers()), body=_encode(told))

    def listen(self, request: Request) -> Answer | Awaitable[Answer]:
        """Open the stream at an address that `ask` has answered."""
        try:
            return self._listen(request)
        except BeingOpened as opening:
            return self._scopes.once_open.answer(opening, lambda: self._listen(request))

    def _listen(self, request: Request) -> Stream:
        token = dict(request.parameters()).get("token", "")
        if not token:
            raise Unauthenticated("Expected the address that a POST with a key is answered.")
        key, asked = self._tokens.open(token)
        self._admission.admit(request, key)
        return self._stream(request, key, asked)

    def _stream(self, request: Request, key: AccessKey, asked: Asked) -> Stream:
        replica = self._replicas.get(asked.environment)
        if replica is None or replica.position is None:
            self._scopes.open(asked.environment)
            raise NotReady(f"{asked.environment} is not loaded here yet.")
        self._scopes.require_hold(asked.environment)
        group = self.groups.find(replica, CLIENT_SIDE.get(key.kind, "web"), asked.context)
        self.fanout.require_seat()
        holder = self._admission.shares.require(request, key)
        held = State.parse(request.headers.get("last-event-id") or asked.since)
        return Stream(headers=STREAM_HEADERS, feed=ClientSeat(self, key, holder, group, held))

    # What the seats ask; see `pennon.edge.client_stream.seat.House`.

    @property
    def draining(self) -> bool:
        return self.fanout.draining

    def still_valid(self, key: AccessKey) -> bool:
        return self._keys.still_valid(key)

    def greeting(self) -> bytes:
        return b"retry: %d\n%b" % (int(_RETURN_MS * (1 + 2 * self._random())), COMMENT)

    def goodbye(self) -> bytes:
        window = 2 * _RETURN_MS * (1 + self.fanout.taken / _RETURNS)
        return goodbye_event(int(self._random() * window))

    def learn(self, group: Group) -> None:
        self.asking.begin(group)

    def enter(self, seat: ClientSeat) -> Group:
        self.fanout.take(seat, (seat.group.view.environment,))
        self._admission.shares.take(seat.holder)
        self._comments.add(seat)
        return self.groups.join(seat.group)

    def leave(self, seat: ClientSeat) -> None:
        self.fanout.give_back(seat, (seat.group.view.environment,))
        self._admission.shares.give_back(seat.holder)
        self._comments.remove(seat)
        self.groups.leave(seat.group, seat)
