"""Creates, reads and cancels schedules."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection

from pennon.errors import Conflict
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.approval import refuse_unapproved
from pennon.origin.environments.locking import lock_editable_environment
from pennon.origin.environments.queries import require_environment
from pennon.origin.flags import targetings
from pennon.origin.flags.instructions import FlagInstructions
from pennon.origin.paging import cut
from pennon.origin.schedules import queries
from pennon.origin.schedules.schemas import (
    NewSchedule,
    Schedule,
    SchedulePage,
    ScheduleQuery,
)
from pennon.origin.schedules.steps import due_of, encode_steps, schedule_of, steps_of
from pennon.origin.schemas import full_name
from pennon.origin.services import Origin
from pennon.web.idempotency import Once

_ID_BYTES: Final = 8


async def schedule(
    origin: Origin,
    project: str,
    environment: str,
    new: NewSchedule,
    author: Author,
    once: Once | None = None,
) -> Schedule:
    """
    Add a schedule, if all its steps could be carried out now.

    Raises NotFound, BadInput, and Conflict when the flag, the environment or the project is
    archived, or when the environment requires approval: what others have to see is not done
    while nobody looks.
    """

    def rehearsed(transaction: Transaction) -> None:
        name = lock_editable_environment(transaction, project, environment)
        refuse_unapproved(transaction.connection, name, author)
        for step in steps_of(new, transaction.now):
            asked = FlagInstructions(instructions=step.instructions)
            targetings.instruct(transaction, project, environment, new.flag, asked, author)

    await origin.rehearse(rehearsed, project)
    return await origin.create(
        lambda tx: _add(tx, project, environment, new, author), once, project
    )


def _add(
    transaction: Transaction, project: str, environment: str, new: NewSchedule, author: Author
) -> Schedule:
    connection = transaction.connection
    name = lock_editable_environment(transaction, project, environment)
    refuse_unapproved(connection, name, author)
    steps = steps_of(new, transaction.now)
    # The time comes first, so that ids are in the order of creation.
    id = f"{transaction.now:012x}{transaction.random(_ID_BYTES).hex()}"
    queries.add(
        connection,
        {
            "id": id,
            "environment": name,
            "flag": new.flag,
            "status": "pending",
            "steps": encode_steps(steps),
            "done": 0,
            "due": due_of(steps, 0),
            "if_missed": new.if_missed,
            "author": author.principal.id,
            "author_name": author.principal.name,
            "comment": author.comment,
            "error": None,
            "created_at": transaction.now,
            "updated_at": transaction.now,
        },
    )
    after = schedule_of(queries.require(connection, name, id))
    tell(transaction, author, name, "created", after=after)
    return after


def find(connection: Connection, project: str, environment: str, id: str) -> Schedule:
    """Return a schedule. Raises NotFound."""
    require_environment(connection, project, environment)
    return schedule_of(queries.require(connection, full_name(project, environment), id))


def list_schedules(
    connection: Connection, project: str, environment: str, asked: ScheduleQuery
) -> SchedulePage:
    """Return a page of an environment's schedules. Raises NotFound."""
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    rows, following = cut(queries.list_page(connection, name, asked), asked, "id")
    return SchedulePage(items=tuple(map(schedule_of, rows)), next=following)


def cancel(
    transaction: Transaction, project: str, environment: str, id: str, author: Author
) -> Schedule:
    """
    Cancel what is still to be done; what was done stays.

    Raises NotFound, and Conflict when it is over, or something it is in is archived.
    """
    name = lock_editable_environment(transaction, project, environment)
    row = queries.require(transaction.connection, name, id)
    if row.status != "pending":
        raise Conflict(f"The schedule is {row.status} already.")
    after = moved(transaction, row, {"status": "cancelled", "due": None}, author, "cancelled")
    if after is None:
        raise Conflict("The schedule was carried out meanwhile.")
    return after


def moved(
    transaction: Transaction, row: AnyRow, values: dict[str, Any], author: Author, action: str
) -> Schedule | None:
    """Change a pending schedule and record it; None if it is not at the step that *row* has."""
    connection = transaction.connection
    if not queries.move(connection, row, {**values, "updated_at": transaction.now}):
        return None
    after = schedule_of(queries.require(connection, row.environment, row.id))
    tell(transaction, author, row.environment, action, before=schedule_of(row), after=after)
    return after


def tell(
    transaction: Transaction,
    author: Author,
    environment: str,
    action: str,
    *,
    after: Schedule,
    before: Struct | None = None,
) -> None:
    """Record a change of a schedule."""
    record(
        transaction,
        author,
        after.project,
        f"schedule.{action}",
        f"schedule/{after.id}",
        environment=environment,
        before=before,
        after=after,
        summary=(f"{action} a schedule of the flag {after.flag}",),
    )
