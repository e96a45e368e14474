"""``POST /events/v1``: what pages, apps and servers tell of what they were served, and of more."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter as Numbers
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pennon.edge.counting import Counter
from pennon.edge.deliveries import Parcels
from pennon.edge.scope import ENVIRONMENT_HEADER, Scope, Scopes
from pennon.edge.telling import Heard, Listener
from pennon.errors import BadInput, Fault, Forbidden
from pennon.model.access import kind_of_key
from pennon.model.codec import decode
from pennon.model.events import Parcel
from pennon.model.told_events import ToldEvents
from pennon.web.handler import JSON, NO_STORE, Handler, Request, Response
from pennon.web.packing import encoding_of, unpacked

EVENTS_PATH: Final = "/events/v1"
MOST_BYTES: Final = 512 * 1024
"""How large a body may be once it is unpacked."""
MOST_FAULTS: Final = 20
"""How many faults are told of."""

_SECRET: Final = ("server", "relay", "admin")
_encode = msgspec.json.Encoder().encode


class _Answer(Struct, frozen=True):
    """How many events were taken, and what was wrong with the first of the others."""

    taken: int
    refused: list[Fault]


class ClientEvents:
    """Takes events from holders of server, client and mobile keys; *clock* is epoch ms."""

    def __init__(self, scopes: Scopes, counter: Counter, clock: Callable[[], int]) -> None:
        self._scopes, self._counter, self._clock = scopes, counter, clock
        self.taken = Numbers[str]()
        """How many events were taken, by sort."""
        self.refused = 0

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {("POST", EVENTS_PATH): self.events}

    async def events(self, request: Request) -> Response:
        """
        Keep the events of the body; an event that is wrong is named and loses no other.

        Any content type will do, since that is all that a page may choose which is about to go.
        Raises what the key is refused with, and BadInput where no event was good.
        """
        told = decode(unpacked(request.body, encoding_of(request), MOST_BYTES), ToldEvents)
        scope = self._scopes.of(_with_headers(request, told), evaluates=False)
        heard = Listener(scope.ruleset, scope.client_side, self._clock()).hear(told)
        if heard.faults and not heard.taken:
            raise BadInput(heard.faults[:MOST_FAULTS])
        await self._counter.tell(scope.environment, _parcels(heard, scope, told.id))
        self._count(heard)
        answer = _Answer(heard.taken, heard.faults[:MOST_FAULTS])
        return Response(status=202, headers=(JSON, NO_STORE), body=_encode(answer))

    def _count(self, heard: Heard) -> None:
        self.taken["counts"] += len(heard.counts)
        self.taken["exposures"] += len(heard.exposures)
        self.taken["custom"] += len(heard.custom)
        self.refused += len(heard.faults)


def _with_headers(request: Request, told: ToldEvents) -> Request:
    """Return *request* with the headers that stand in its body; those that it has come first."""
    headers = {**request.headers}
    if told.key is not None and not {"authorization", "x-api-key"} & headers.keys():
        # What stands in a body is for pages, whose keys anybody may read.
        if kind_of_key(told.key) in _SECRET:
            raise Forbidden("Expected a secret key in the header 'Authorization: Bearer …'.")
        headers["x-api-key"] = told.key
    if told.environment is not None:
        headers.setdefault(ENVIRONMENT_HEADER, told.environment)
    return replace(request, headers=headers)


def _parcels(heard: Heard, scope: Scope, id: str | None) -> Parcels:
    """Return what was heard, by sort: they travel and give way to each other apart."""
    parcels: Parcels = {
        "counts": Parcel(id=_id(id, scope, "counts"), counts=tuple(heard.counts)),
        "exposures": Parcel(id=_id(id, scope, "exposures"), exposures=tuple(heard.exposures)),
        "custom": Parcel(id=_id(id, scope, "custom"), events=tuple(heard.custom)),
    }
    return {
        sort: parcel
        for sort, parcel in parcels.items()
        if parcel.counts or parcel.exposures or parcel.events
    }


def _id(told: str | None, scope: Scope, sort: str) -> str:
    """
    Return the id of a parcel, the same whenever and wherever this is told.

    It is of the key that tells as well: nobody can use up the ids of another.
    """
    if told is None:
        return secrets.token_hex(16)
    parts = "\0".join((scope.environment, scope.key.hash, told, sort))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]
