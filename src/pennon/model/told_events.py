"""What clients tell of: the body of ``POST /events/v1``; `docs/events.md` says what it means."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Raw

from pennon.model.detail import Reason
from pennon.model.events import (
    LONGEST_EVENT_NAME,
    LONGEST_NAME,
    MOST_PROPERTIES,
    NO_NUL,
    Property,
    Unit,
)
from pennon.model.flag import Wire
from pennon.model.messages import Time

MOST_TOLD: Final = 500
"""How many events one request may hold."""
LONGEST_PROPERTY_NAME: Final = 64
LARGEST_PROPERTIES: Final = 4_096
"""The bytes of an event's properties, as JSON."""

_FlagKey = Annotated[str, Meta(min_length=1, max_length=256, pattern=NO_NUL)]
_VariationName = Annotated[str, Meta(max_length=LONGEST_NAME, pattern=NO_NUL)]


class _Told(Wire, frozen=True, kw_only=True, tag_field="kind"):
    """What every event may say: when it was by the client's clock; now where it does not."""

    at: Time | None = None


class ToldExposure(_Told, frozen=True, kw_only=True, tag="exposure"):
    """A unit, by default of the context, was served a variation: its name, or its index."""

    flag: _FlagKey
    variation: _VariationName | Annotated[int, Meta(ge=0, lt=2**31)]
    version: Annotated[int, Meta(ge=0, lt=2**53)] | None = None
    rule_id: Annotated[str, Meta(max_length=256, pattern=NO_NUL)] | None = None
    unit: Unit | None = None


class ToldCustom(_Told, frozen=True, kw_only=True, tag="custom"):
    """Something happened, by default to all kinds of the context; `units` are keys by kind."""

    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_EVENT_NAME, pattern=NO_NUL)]
    value: float | None = None
    properties: Annotated[
        dict[Annotated[str, Meta(min_length=1, max_length=LONGEST_PROPERTY_NAME)], Property],
        Meta(max_length=MOST_PROPERTIES),
    ] = {}
    unit: Unit | None = None
    units: dict[str, str] | None = None


class ToldEvaluations(_Told, frozen=True, kw_only=True, tag="evaluations"):
    """A client that evaluates by itself has served a variation so often within a minute."""

    flag: _FlagKey
    variation: _VariationName | None = None
    reason: Reason
    count: Annotated[int, Meta(ge=1, lt=2**31)]


ToldEvent = ToldExposure | ToldCustom | ToldEvaluations


class ToldEvents(Wire, frozen=True, kw_only=True):
    """
    Events, and what is common to them.

    `key` and `environment` are for who can send no headers; `sent_at` is the client's clock when
    it sends this; with an `id` what is told again counts once. Events stay undecoded: one that
    is wrong must not lose the others.
    """

    key: Annotated[str, Meta(max_length=256)] | None = None
    environment: Annotated[str, Meta(max_length=256)] | None = None
    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{16,64}$(?!\n)")] | None = None
    sent_at: Time | None = None
    context: Any = None
    events: Annotated[tuple[Raw, ...], Meta(max_length=MOST_TOLD)]
