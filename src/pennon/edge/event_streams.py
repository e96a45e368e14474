"""
The event streams of OFREP: a page holds one, and is told when to ask for its flags again.

A bulk answer names the stream, and in its address the position that the answer is of. So a change
that comes between the answer and the stream is told of as soon as the stream opens.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from pennon.edge.impacts import Impacts
from pennon.edge.once_open import OnceOpen
from pennon.edge.refetch_seat import RefetchSeat
from pennon.edge.scope import CLIENT_SIDE, NO_ROOM_SECONDS, Scope
from pennon.edge.spread import Spread
from pennon.edge.stream_tokens import StreamTokens
from pennon.errors import BadInput, NotReady, Unauthenticated
from pennon.model.access import AccessKey
from pennon.model.position import Position
from pennon.relay.on_demand import BeingOpened
from pennon.relay.replicas import Replicas
from pennon.relay.sse import COMMENT, format_event
from pennon.web.admission import Admission
from pennon.web.admission_settings import AdmissionSettings
from pennon.web.auth import Keys
from pennon.web.fanout import Fanout
from pennon.web.handler import Handler, Request, Stream
from pennon.web.sync import STREAM_HEADERS
from pennon.web.wheel import Wheel

EVENTS_PATH: Final = "/ofrep/v1/events"
INACTIVITY_SECONDS: Final = 120
"""After how long in the background a page is to give its stream back."""
_RETURN_MS: Final = 1000
# A stream that ended is opened again after that, and up to three times as long.
_MOST_OFFERS: Final = 1_000
_REFETCHES: Final = 2_000
# How many pages are told a second where there are many: a bulk answer costs the node 0.3 ms.

_encode = msgspec.json.Encoder().encode


class EventStreams:
    """
    Seats for browsers, and what a bulk answer says of them.

    They are apart from those of the nodes that follow: pages never take a node's seat.
    *open* has an environment opened that is not here, and raises what there is to say of that,
    such as that *once_open* can wait for it; *may_hold* says whether it may be kept from going.
    *random* returns a number in [0, 1).
    """

    def __init__(
        self,
        replicas: Replicas,
        keys: Keys,
        *,
        comment_seconds: float,
        most: int,
        impacts: Impacts,
        refetch_seconds: float = 1.0,
        admission: Admission | None = None,
        open: Callable[[str], None] = lambda environment: None,
        once_open: OnceOpen | None = None,
        may_hold: Callable[[str], bool] = lambda environment: True,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._replicas, self._keys, self._most, self._random = replicas, keys, most, random
        self._impacts = impacts
        self._open, self._once_open, self._may_hold = open, once_open, may_hold
        self._tokens = StreamTokens(keys)
        self._admission = admission or Admission(AdmissionSettings())
        self.fanout = Fanout(replicas, most_seats=most, random=random)
        self._comments = Wheel(comment_seconds, RefetchSeat.comment)
        self._due = Spread(RefetchSeat.tell, rate=_REFETCHES, seconds=refetch_seconds)
        # Signing costs more than a 304 does, and all pages of a key are told of the same stream.
        self._offers: dict[tuple[str, str], tuple[str, int, str]] = {}
        self._events: dict[str, tuple[Position, bytes]] = {}

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", EVENTS_PATH): self.stream} if self._most else {}

    def offer(self, scope: Scope) -> str | None:
        """Return the address of the stream for *scope*, or None where streams are not offered."""
        if not (self._most and self._may_hold(scope.environment)):
            return None
        whose, period = (scope.key.hash, scope.environment), self._tokens.period()
        made = self._offers.get(whose)
        if made is None or made[0] != scope.position or made[1] != period:
            if len(self._offers) >= _MOST_OFFERS:
                self._offers.clear()
            made = self._offers[whose] = (scope.position, period, self._address(scope))
        return made[2]

    def stream(self, request: Request) -> Stream | Awaitable[Stream]:
        """Tell of each change after `since`; who comes back says what it heard last."""
        try:
            return self._stream(request)
        except BeingOpened as opening:
            if self._once_open is None:
                raise
            return self._once_open.answer(opening, lambda: self._stream(request))

    def _stream(self, request: Request) -> Stream:
        asked = dict(request.parameters())
        environment, token = asked.get("environment", ""), asked.get("token", "")
        if not environment or not token:
            raise Unauthenticated("Expected the address that a bulk answer names.")
        key = self._tokens.holder(token, environment)
        self._admission.admit(request, key)
        replica = self._replicas.get(environment)
        if replica is None or replica.position is None:
            self._open(environment)
            raise NotReady(f"{environment} is not loaded here yet.")
        if not self._may_hold(environment):
            raise NotReady(f"There is no room here to follow {environment}.", NO_ROOM_SECONDS)
        self.fanout.require_seat()
        holder = self._admission.shares.require(request, key)
        last = request.headers.get("last-event-id") or asked.get("since", "")
        seat = RefetchSeat(self, key, holder, replica, _position(last))
        return Stream(headers=STREAM_HEADERS, feed=seat)

    def _address(self, scope: Scope) -> str:
        query = {
            "environment": scope.environment,
            "since": scope.position,
            "token": self._tokens.issue(scope.key, scope.environment),
        }
        return f"{EVENTS_PATH}?{urlencode(query)}"

    # What the seats ask; see `pennon.edge.refetch_seat.Gallery`.

    @property
    def draining(self) -> bool:
        return self.fanout.draining

    def still_valid(self, key: AccessKey) -> bool:
        return self._keys.still_valid(key)

    def greeting(self) -> bytes:
        wait = int(_RETURN_MS * (1 + 2 * self._random()))
        return b"retry: %d\n%b" % (wait, COMMENT)

    def event(self, environment: str, position: Position) -> bytes:
        """Return the event that says so; everyone who is told is sent the same bytes."""
        made = self._events.get(environment)
        if made is None or made[0] != position:
            data = _encode({"type": "refetchEvaluation", "etag": str(position)})
            made = self._events[environment] = (
                position,
                format_event("message", data, str(position)),
            )
        return made[1]

    def concerns(self, key: AccessKey, environment: str, told: Position) -> bool:
        """Return whether a flag that *key* may see can be answered otherwise than at *told*."""
        seen = self._impacts.seen_since(environment, told, CLIENT_SIDE.get(key.kind))
        return seen is None or bool(seen)

    def when_due(self, seat: RefetchSeat) -> None:
        """Have *seat* tell of what is new, with few others at one time."""
        self._due.add(seat)

    def enter(self, seat: RefetchSeat) -> None:
        self.fanout.take(seat, seat.environments)
        for environment in seat.environments:
            self._impacts.follow(environment)
        self._admission.shares.take(seat.holder)
        self._comments.add(seat)

    def leave(self, seat: RefetchSeat) -> None:
        self.fanout.give_back(seat, seat.environments)
        self._admission.shares.give_back(seat.holder)
        self._comments.remove(seat)
        self._due.remove(seat)


def streams_of(address: str) -> list[dict[str, Any]]:
    """Return what a bulk answer says of the stream at *address*: it is at the node's own origin."""
    return [
        {
            "type": "sse",
            "endpoint": {"requestUri": address},
            "inactivityDelaySec": INACTIVITY_SECONDS,
        }
    ]


def _position(text: str) -> Position | None:
    """Return the position that a client has; one that cannot be read is none."""
    try:
        return Position.parse(text)
    except BadInput:
        return None
