"""Locks an environment whose flags or segments are to change, unless it is archived."""

from __future__ import annotations

from sqlalchemy import Connection

from pennon.errors import Conflict, NotFound
from pennon.origin.changelog import Transaction
from pennon.origin.environments.queries import find_archived, require_environment
from pennon.origin.schemas import full_name


def lock_editable_environment(transaction: Transaction, project: str, environment: str) -> str:
    """
    Lock an environment and return its full name.

    Raises NotFound, and Conflict when it or its project is archived. Both are looked at under
    the lock, which archiving takes as well: a change never slips in after it.
    """
    name = full_name(project, environment)
    try:
        transaction.lock([name])
    except NotFound:
        # It may be the project that is missing.
        require_environment(transaction.connection, project, environment)
        raise
    refuse_archived(transaction.connection, project, environment)
    return name


def refuse_archived(connection: Connection, project: str, environment: str) -> None:
    """Raise NotFound, and Conflict when an environment or its project is archived."""
    name = full_name(project, environment)
    archived = find_archived(connection, name)
    if archived is None:
        require_environment(connection, project, environment)
        raise NotFound("environment", environment)
    if archived.project:
        raise Conflict(f"The project {project!r} is archived. Bring it back first.")
    if archived.environment:
        raise Conflict(f"The environment {name!r} is archived. Bring it back first.")
