"""
Applies requests whose time has come, once, however many origins run on the database.

A request is locked, applied and marked in one transaction, and only while it is open: a second
origin finds it applied. What was approved is the difference that the reviewers saw, so one that
would do something else by then is not applied.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from pennon.errors import PennonError, SourceLost
from pennon.origin.access.standing import require_still
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.requests import queries, service
from pennon.origin.services import Origin
from pennon.web.permissions import Principal

_AT_ONCE: Final = 100

log = structlog.get_logger(__name__)


async def apply_due(origin: Origin) -> None:
    """Apply every request that is due; one that cannot be applied has failed and says why."""
    while rows := await origin.read(partial(queries.due, now=origin.clock(), limit=_AT_ONCE)):
        for row in rows:
            project, _, _ = row.environment.partition("/")
            try:
                await origin.write(partial(apply, row=row), project)
            except (DBAPIError, SourceLost):
                raise
            except PennonError as error:
                await origin.write(partial(fail, row=row, reason=str(error)), project)
            except Exception:
                # one that we did not foresee must not hold up those behind it
                log.exception("request_failed", environment=row.environment, request=row.id)
                reason = "Pennon has logged why."
                await origin.write(partial(fail, row=row, reason=reason), project)


def apply(transaction: Transaction, row: AnyRow) -> None:
    """Apply a request as who proposed it, who must still be allowed to. Raises why it cannot be."""
    project, _, environment = row.environment.partition("/")
    before = service.lock_open(transaction, project, environment, row.id)
    require_still(transaction, row.author, row.author_name, "editor", row.environment)
    service.make_change(transaction, before, _author_of(row))


def fail(transaction: Transaction, row: AnyRow, reason: str) -> None:
    """Give up a request that cannot be applied, unless somebody else has dealt with it."""
    transaction.lock([row.environment])
    before = service.find_open(transaction.connection, row.environment, row.id)
    if before is not None:
        values = {"status": "failed", "error": reason}
        service.mark(transaction, before, "failed", values, _author_of(row))


def _author_of(row: AnyRow) -> Author:
    return Author(Principal(row.author, row.author_name), comment=row.comment)
