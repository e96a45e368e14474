"""The SQL of exposures and custom events, one statement a function."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    desc,
    distinct,
    func,
    literal,
    select,
    tuple_,
)

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import (
    custom_event_units,
    custom_events,
    environments,
    exposures,
)
from pennon.origin.db.upsert import insert_into

Rows = Sequence[dict[str, Any]]
Place = tuple[ColumnElement[int], ColumnElement[str]]
"""When an event was, and its id."""


class Wanted(NamedTuple):
    """Which events are asked for, before a place in the list: a time and an id."""

    environment: str
    flag: str | None = None
    name: str | None = None
    unit: tuple[str, str] | None = None
    before: tuple[int, str] | None = None


def existing_environments(connection: Connection, names: Collection[str]) -> set[str]:
    """Return those of *names* that are environments."""
    found = select(environments.c.environment).where(environments.c.environment.in_(names))
    return set(connection.execute(found).scalars())


def keep_exposures(connection: Connection, rows: Rows) -> None:
    """Keep exposures, each as of its first time."""
    if not rows:
        return
    statement = insert_into(connection, exposures)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["environment", "id"],
            set_={"at": statement.excluded.at, "rule": statement.excluded.rule},
            where=exposures.c.at > statement.excluded.at,
        ),
        rows,
    )


def keep_custom_events(connection: Connection, rows: Rows) -> None:
    """Keep custom events."""
    if rows:
        connection.execute(insert_into(connection, custom_events).on_conflict_do_nothing(), rows)


def keep_units(connection: Connection, rows: Rows) -> None:
    """Keep whom custom events are of."""
    if rows:
        connection.execute(
            insert_into(connection, custom_event_units).on_conflict_do_nothing(), rows
        )


def newest_exposures(connection: Connection, wanted: Wanted, limit: int) -> Sequence[AnyRow]:
    """Return exposures, the newest first."""
    place = exposures.c.at, exposures.c.id
    conditions = [exposures.c.environment == wanted.environment, *_before(place, wanted)]
    if wanted.flag is not None:
        conditions.append(exposures.c.flag == wanted.flag)
    if wanted.unit is not None:
        kind, key = wanted.unit
        conditions += [exposures.c.unit_kind == kind, exposures.c.unit_key == key]
    return connection.execute(
        select(exposures).where(*conditions).order_by(*map(desc, place)).limit(limit)
    ).all()


def newest_custom_events(connection: Connection, wanted: Wanted, limit: int) -> Sequence[AnyRow]:
    """Return custom events, the newest first."""
    query, units = select(custom_events), custom_event_units.c
    # Of a unit, its own rows say when: who has few events is not looked for among all.
    of = custom_events.c if wanted.unit is None else units
    place = of.at, of.id
    conditions = [of.environment == wanted.environment, *_before(place, wanted)]
    if wanted.name is not None:
        conditions.append(custom_events.c.name == wanted.name)
    if wanted.unit is not None:
        kind, key = wanted.unit
        query = query.join(
            custom_event_units,
            and_(units.environment == custom_events.c.environment, units.id == custom_events.c.id),
        )
        conditions += [units.unit_kind == kind, units.unit_key == key]
    return connection.execute(
        query.where(*conditions).order_by(*map(desc, place)).limit(limit)
    ).all()


def units_by_variation(
    connection: Connection, environment: str, flag: str, start: int, end: int
) -> Sequence[AnyRow]:
    """Return how many units were first served each variation from *start* to before *end*."""
    units = (
        select(exposures.c.variation, exposures.c.unit_kind, exposures.c.unit_key)
        .where(*_of_flag(environment, flag, start, end))
        .distinct()
        .subquery()
    )
    return connection.execute(
        select(units.c.variation, func.count().label("units"))
        .group_by(units.c.variation)
        .order_by(func.count().desc(), units.c.variation)
    ).all()


def units_in_several(
    connection: Connection, environment: str, flag: str, start: int, end: int
) -> int:
    """Return how many units were served more than one variation."""
    several = (
        select(exposures.c.unit_kind)
        .where(*_of_flag(environment, flag, start, end))
        .group_by(exposures.c.unit_kind, exposures.c.unit_key)
        .having(func.count(distinct(exposures.c.variation)) > 1)
        .subquery()
    )
    return connection.scalar(select(func.count()).select_from(several)) or 0


def forget_oldest(
    connection: Connection,
    table: Table,
    environment: str,
    before: int,
    most: int,
    *,
    flag: str | None = None,
) -> bool:
    """
    Remove some *most* of the rows of before a time, or those of a *flag*; return whether more may
    be left.
    """
    old = and_(table.c.environment == environment, table.c.at < before)
    if flag is not None:
        old = and_(old, table.c.flag == flag)
    last = connection.scalar(
        select(table.c.at).where(old).order_by(table.c.at).offset(most - 1).limit(1)
    )
    until = old if last is None else and_(old, table.c.at <= last)
    connection.execute(delete(table).where(until))
    return last is not None


def forget_flag(connection: Connection, names: Collection[str], flag: str) -> None:
    """Remove the exposures of a flag, so that another of its name begins at nothing."""
    connection.execute(
        delete(exposures).where(exposures.c.environment.in_(names), exposures.c.flag == flag)
    )


def every_environment(connection: Connection) -> Sequence[str]:
    """Return the names of all environments."""
    return connection.scalars(select(environments.c.environment)).all()


def _before(place: Place, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.before is not None:
        # Compared as one, it is where an index is entered; else all that is newer would be read.
        yield tuple_(*place) < tuple_(*map(literal, wanted.before))


def _of_flag(environment: str, flag: str, start: int, end: int) -> list[ColumnElement[bool]]:
    return [
        exposures.c.environment == environment,
        exposures.c.flag == flag,
        exposures.c.at >= start,
        exposures.c.at < end,
    ]
