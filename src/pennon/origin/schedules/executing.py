"""
Carries out what is due, once, however many origins run on the database.

A step is claimed by an UPDATE that names the step before it, in the transaction of the change
itself: either both are committed or neither, and a second origin's UPDATE finds nothing to claim.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from pennon.errors import PennonError, SourceLost
from pennon.origin.access.standing import require_still
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.locking import lock_editable_environment
from pennon.origin.flags import targetings
from pennon.origin.flags.instructions import FlagInstructions
from pennon.origin.requests.executing import apply_due
from pennon.origin.schedules import queries
from pennon.origin.schedules.service import moved
from pennon.origin.schedules.steps import decode_steps, due_of
from pennon.origin.services import Origin
from pennon.web.permissions import Principal

GRACE: Final = 5 * 60 * 1000
"""How late, in milliseconds, a schedule may begin that is not to run when it was missed."""
_AT_ONCE: Final = 100

log = structlog.get_logger(__name__)


async def execute_for_ever(
    origin: Origin,
    *,
    every: float = 1.0,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """
    Carry out what is due, requests too, now and every *every* seconds, until cancelled.

    What was missed while no origin ran is due at the start. A database that does not answer is
    tried again in the next round.
    """
    while True:
        try:
            await execute_due(origin)
            await apply_due(origin)
        except (DBAPIError, SourceLost) as error:
            log.warning("schedules_waiting", reason=str(error))
        await sleep(every)


async def execute_due(origin: Origin) -> None:
    """Carry out every step that is due, also those that become due by it."""
    while rows := await origin.read(partial(queries.due, now=origin.clock(), limit=_AT_ONCE)):
        for row in rows:
            project, _, _ = row.environment.partition("/")
            try:
                await origin.write(partial(execute, row=row), project)
            except (DBAPIError, SourceLost):
                raise
            except PennonError as error:
                await origin.write(partial(fail, row=row, reason=str(error)), project)
            except Exception:
                # one that we did not foresee must not hold up those behind it
                log.exception("schedule_failed", environment=row.environment, schedule=row.id)
                reason = "Pennon has logged why."
                await origin.write(partial(fail, row=row, reason=reason), project)


def execute(transaction: Transaction, row: AnyRow) -> None:
    """
    Carry out the next step of a schedule as *row* has it, unless somebody else did.

    Raises what the change raises, and Forbidden where its author has lost the role meanwhile; then
    nothing is claimed either.
    """
    steps = decode_steps(row.steps)
    author = _author_of(row)
    missed = row.if_missed == "skip" and row.done == 0 and transaction.now - row.due > GRACE
    if missed:
        moved(transaction, row, {"status": "missed", "due": None}, author, "missed")
        return
    project, _, environment = row.environment.partition("/")
    lock_editable_environment(transaction, project, environment)
    done = row.done + 1
    values = {
        "done": done,
        "due": due_of(steps, done),
        "status": "done" if done == len(steps) else "pending",
    }
    if moved(transaction, row, values, author, "executed") is None:
        return
    if row.done == 0:
        # What has begun also ends: a window is one change, and it was allowed.
        require_still(transaction, row.author, row.author_name, "editor", row.environment)
    asked = FlagInstructions(instructions=steps[row.done].instructions)
    targetings.instruct(transaction, project, environment, row.flag, asked, author)


def fail(transaction: Transaction, row: AnyRow, reason: str) -> None:
    """Give up a schedule whose next step cannot be carried out, and say why."""
    values = {"status": "failed", "due": None, "error": reason}
    moved(transaction, row, values, _author_of(row), "failed")


def _author_of(row: AnyRow) -> Author:
    return Author(Principal(row.author, row.author_name), comment=row.comment)
