"""Keeps the exposures and custom events of batches: rows made of them, and written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from pennon.evaluation.tracked import can_be_told
from pennon.model.context import KIND
from pennon.model.events import CustomEvent, EventBatch, Exposure, Property
from pennon.model.position import ACCESS
from pennon.origin.events import queries

Row = dict[str, Any]

_encode: Final = msgspec.json.Encoder().encode


class Document(Struct, frozen=True):
    """What is kept of a custom event beside its columns."""

    units: dict[str, str]
    properties: dict[str, Property]


def keep(
    connection: Connection, batches: Iterable[EventBatch], now: int, known: dict[str, set[str]]
) -> None:
    """
    Keep what *batches* tell, as far as there are such environments, and *known* flags in them.

    An exposure that is told of again is kept once, as of the first time.
    """
    told = list(batches)
    exposures: dict[tuple[str, str], Row] = {}
    for environment, one in exposures_in(told):
        if one.flag in known.get(environment, set()):
            row = _exposure_row(environment, one, now)
            identity = environment, row["id"]
            if identity not in exposures or row["at"] < exposures[identity]["at"]:
                exposures[identity] = row
    queries.keep_exposures(connection, [exposures[identity] for identity in sorted(exposures)])

    named = {environment for environment, _, _ in _custom_in(told)}
    existing = queries.existing_environments(connection, sorted(named)) - {ACCESS}
    events: dict[tuple[str, str], tuple[Row, CustomEvent]] = {}
    for environment, id, event in _custom_in(told):
        if environment in existing:
            events[environment, id] = _custom_row(environment, id, event, now), event
    ordered = [events[identity] for identity in sorted(events)]
    queries.keep_custom_events(connection, [row for row, _ in ordered])
    queries.keep_units(connection, [unit for one in ordered for unit in _unit_rows(*one)])


def exposures_in(batches: Iterable[EventBatch]) -> Iterator[tuple[str, Exposure]]:
    """Yield every exposure of *batches*, the nodes' own and those that clients told."""
    for batch in batches:
        for environment, made in batch.exposures.items():
            for one in made:
                yield environment, one
        for environment, parcels in batch.parcels.items():
            for parcel in parcels:
                for one in parcel.exposures:
                    yield environment, one


def _custom_in(batches: Iterable[EventBatch]) -> Iterator[tuple[str, str, CustomEvent]]:
    for batch in batches:
        for environment, parcels in batch.parcels.items():
            for parcel in parcels:
                for index, event in enumerate(parcel.events):
                    yield environment, _hash(parcel.id, str(index)), event


def _exposure_row(environment: str, one: Exposure, now: int) -> Row:
    unit = one.unit
    return {
        "environment": environment,
        "id": _hash(one.flag, str(one.version), one.variation, unit.kind, unit.key),
        "at": min(one.at, now),
        "flag": one.flag,
        "version": one.version,
        "variation": one.variation,
        "rule": one.rule or "",
        "unit_kind": unit.kind,
        "unit_key": unit.key,
    }


def _custom_row(environment: str, id: str, event: CustomEvent, now: int) -> Row:
    return {
        "environment": environment,
        "id": id,
        "at": min(event.at, now),
        "name": event.name,
        "value": event.value,
        "document": _encode(Document(event.units, event.properties)),
    }


def _unit_rows(row: Row, event: CustomEvent) -> Iterator[Row]:
    for kind, key in sorted(event.units.items()):
        # Whatever else a node says could not be kept: an index takes no text of any length.
        if KIND.fullmatch(kind) and can_be_told(key):
            yield {
                "environment": row["environment"],
                "unit_kind": kind,
                "unit_key": key,
                "at": row["at"],
                "id": row["id"],
            }


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
