"""The SQL of what edges have counted, one statement a function."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, delete, select

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import evaluations, event_batches, flag_requests, targetings
from pennon.origin.db.upsert import insert_into
from pennon.origin.evaluations.rollup import Bucket


def remember_batches(connection: Connection, ids: Collection[str], now: int) -> set[str]:
    """Remember batches, and return those that were not known yet."""
    rows = [{"id": one, "at": now} for one in sorted(ids)]
    statement = insert_into(connection, event_batches).values(rows)
    new = statement.on_conflict_do_nothing().returning(event_batches.c.id)
    return set(connection.execute(new).scalars())


def known_flags(connection: Connection, environment: str, flags: Collection[str]) -> set[str]:
    """Return those of *flags* that an environment has."""
    found = select(targetings.c.flag).where(
        targetings.c.environment == environment, targetings.c.flag.in_(flags)
    )
    return set(connection.execute(found).scalars())


def add_counts(connection: Connection, counts: Mapping[Bucket, int]) -> None:
    """Add to what was counted so far."""
    if not counts:
        return
    rows = [{**bucket._asdict(), "total": counts[bucket]} for bucket in sorted(counts)]
    statement = insert_into(connection, evaluations)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(Bucket._fields),
            set_={"total": evaluations.c.total + statement.excluded.total},
        ),
        rows,
    )


def note_requests(connection: Connection, requests: Mapping[tuple[str, str], int]) -> None:
    """Note when flags were last asked for; an earlier time than is known changes nothing."""
    rows = [
        {"environment": environment, "flag": flag, "at": requests[environment, flag]}
        for environment, flag in sorted(requests)
    ]
    statement = insert_into(connection, flag_requests)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["environment", "flag"],
            set_={"at": statement.excluded.at},
            where=flag_requests.c.at < statement.excluded.at,
        ),
        rows,
    )


def counts_between(
    connection: Connection, environment: str, flag: str, resolution: int, start: int, end: int
) -> Sequence[AnyRow]:
    """Return what a flag served from *start* to before *end*, in order of time."""
    return connection.execute(
        select(evaluations)
        .where(
            evaluations.c.environment == environment,
            evaluations.c.flag == flag,
            evaluations.c.resolution == resolution,
            evaluations.c.at >= start,
            evaluations.c.at < end,
        )
        .order_by(evaluations.c.at, evaluations.c.variation, evaluations.c.reason)
    ).all()


def last_request(connection: Connection, environment: str, flag: str) -> int | None:
    """Return when a flag was last asked for."""
    return connection.scalar(
        select(flag_requests.c.at).where(
            flag_requests.c.environment == environment, flag_requests.c.flag == flag
        )
    )


def oldest_bucket(connection: Connection, resolution: int) -> int | None:
    """Return the first time that something was counted of."""
    return connection.scalar(
        select(evaluations.c.at)
        .where(evaluations.c.resolution == resolution)
        .order_by(evaluations.c.at)
        .limit(1)
    )


def forget_bucket(connection: Connection, resolution: int, at: int) -> None:
    """Remove what was counted of one time."""
    connection.execute(
        delete(evaluations).where(evaluations.c.resolution == resolution, evaluations.c.at == at)
    )


def forget_batches(connection: Connection, before: int) -> None:
    """Forget the batches that were taken before a time."""
    connection.execute(delete(event_batches).where(event_batches.c.at < before))


def forget_flag(connection: Connection, environments: Collection[str], flag: str) -> None:
    """Remove all that was counted of a flag, so that another of its name begins at nothing."""
    for table in (evaluations, flag_requests):
        connection.execute(
            delete(table).where(table.c.environment.in_(environments), table.c.flag == flag)
        )
