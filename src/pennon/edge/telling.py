"""
What clients tell, judged: the good events as they go up, and what is wrong with the others. Pure.

A client's clock may be anywhere. What it says of an event is taken as how long that was before
`sentAt`, which is now; nothing is of the time to come, nor of longer ago than a week.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, cast

import msgspec

from pennon.errors import BadInput, Fault
from pennon.evaluation.entries import ClientKind
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.tracked import can_be_told, unit_key, unit_kind
from pennon.model.codec import decode
from pennon.model.context import KIND, Context
from pennon.model.events import (
    LONGEST_NAME,
    MINUTE_MS,
    MOST_UNITS,
    Count,
    CustomEvent,
    Exposure,
    Unit,
)
from pennon.model.flag import Flag
from pennon.model.told_events import (
    LARGEST_PROPERTIES,
    ToldCustom,
    ToldEvaluations,
    ToldEvent,
    ToldEvents,
    ToldExposure,
)

OLDEST_MS: Final = 7 * 24 * 3_600 * 1_000
"""How long ago an event may have been when it is told."""
LARGEST_REPEATED: Final = 512 * 1024
"""The bytes of a context's keys in all events of a body together: each event goes up with them."""

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Heard:
    """What was taken of what a client told, by sort, and the faults of the rest."""

    units: dict[str, str]
    """Whom an event is of that does not say: all kinds of the context."""
    counts: list[Count] = field(default_factory=list)
    exposures: list[Exposure] = field(default_factory=list)
    custom: list[CustomEvent] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many events were taken."""
        return len(self.counts) + len(self.exposures) + len(self.custom)


@dataclass(frozen=True, slots=True)
class Listener:
    """Judges what a client tells whose flags are those of *ruleset*, seen by *client_side*."""

    ruleset: Ruleset
    client_side: ClientKind | None
    now: int

    def hear(self, told: ToldEvents) -> Heard:
        """Return what is taken of *told*. Raises BadInput where its context is none."""
        context = Context({}) if told.context is None else Context.of(told.context, "$.context")
        skew = 0 if told.sent_at is None else self.now - told.sent_at
        heard = Heard(_units_of(context))
        for index, raw in enumerate(told.events):
            try:
                # mypy knows no union as a type to decode.
                event = cast(ToldEvent, decode(bytes(raw), cast(Any, ToldEvent)))
                self._take(event, self._moment(event, skew), context, heard)
            except BadInput as error:
                path = f"$.events[{index}]"
                heard.faults += [
                    Fault(fault.path.replace("$", path, 1), fault.message) for fault in error.faults
                ]
        return heard

    def _take(self, event: ToldEvent, at: int, context: Context, heard: Heard) -> None:
        match event:
            case ToldExposure():
                heard.exposures.append(self._exposure(event, at, context))
            case ToldCustom():
                heard.custom.append(_custom(event, at, heard))
            case ToldEvaluations():
                heard.counts.append(self._count(event, at))

    def _moment(self, event: ToldEvent, skew: int) -> int:
        at = self.now if event.at is None else min(event.at + skew, self.now)
        if at < self.now - OLDEST_MS:
            raise BadInput.at("$.at", "expected a time within the last 7 days")
        return at

    def _exposure(self, told: ToldExposure, at: int, context: Context) -> Exposure:
        flag = self._flag(told.flag)
        variation = _variation(flag, told.variation)
        if flag.track == "none":
            raise BadInput.at("$.flag", f"the exposures of {told.flag!r} are not tracked")
        unit = told.unit
        if unit is None:
            kind = unit_kind(flag, told.rule_id)
            key = unit_key(context.kinds, kind)
            if key is None:
                raise BadInput.at("$.unit", f"expected a unit, or a context with a key of {kind!r}")
            unit = Unit(kind=kind, key=key)
        return Exposure(
            at=at,
            flag=told.flag,
            variation=variation,
            version=flag.version if told.version is None else min(told.version, flag.version),
            rule=told.rule_id,
            unit=unit,
        )

    def _count(self, told: ToldEvaluations, at: int) -> Count:
        if self.client_side is not None:
            raise BadInput.at(
                "$.kind", "expected a server key: only servers evaluate by themselves"
            )
        flag = self._flag(told.flag)
        if told.variation is not None:
            _variation(flag, told.variation)
        return Count(
            minute=at - at % MINUTE_MS,
            flag=told.flag,
            variation=told.variation,
            reason=told.reason,
            count=told.count,
        )

    def _flag(self, key: str) -> Flag:
        """Return a flag that the client may see; what it may not see is not there."""
        flag = self.ruleset.flag(key)
        if self.client_side is not None and not self.ruleset.is_visible(key, self.client_side):
            flag = None
        if flag is None:
            raise BadInput.at("$.flag", f"there is no flag {key!r} for this key")
        return flag


def _variation(flag: Flag, told: str | int) -> str:
    """Return the name of a variation; names that a flag does not have would fill the counts."""
    names = [one.name for one in flag.variations]
    if isinstance(told, int) and told < len(names):
        return names[told][:LONGEST_NAME]
    if told not in names:
        raise BadInput.at("$.variation", f"{flag.key!r} has no variation {told!r}")
    return str(told)


def _custom(told: ToldCustom, at: int, heard: Heard) -> CustomEvent:
    if len(_encode(told.properties)) > LARGEST_PROPERTIES:
        raise BadInput.at("$.properties", f"expected at most {LARGEST_PROPERTIES} bytes of JSON")
    if told.unit is not None:
        units = {told.unit.kind: told.unit.key}
    elif told.units is not None:
        units = _units(told.units)
    else:
        units = heard.units
        if len(heard.custom) * len(_encode(units)) > LARGEST_REPEATED:
            what = "expected fewer events at once, or shorter keys of the context"
            raise BadInput.at("$.unit", f"{what}: {LARGEST_REPEATED} bytes in all events")
    if len(units) > MOST_UNITS:
        raise BadInput.at("$.unit", f"expected a unit, or a context of at most {MOST_UNITS} kinds")
    return CustomEvent(
        at=at, name=told.name, value=told.value, units=units, properties=told.properties
    )


def _units_of(context: Context) -> dict[str, str]:
    """Return the keys of all kinds that can be told of."""
    keys = ((kind, unit_key(context.kinds, kind)) for kind in context.kinds)
    return {kind: key for kind, key in keys if key is not None}


def _units(told: dict[str, str]) -> dict[str, str]:
    """Return *told*. Raises BadInput for what is no unit."""
    for kind, key in told.items():
        if not KIND.fullmatch(kind) or not can_be_told(key):
            raise BadInput.at("$.units", "expected keys of 1 to 512 characters by their kinds")
    return told
