"""Locks an environment whose flags or segments are to change, unless it is archived."""

from __future__ import annotations

from sqlalchemy import Connection

from pennon.errors import Conflict
from pennon.origin.changelog import Transaction
from pennon.origin.environments.queries import require_environment
from pennon.origin.projects.queries import require_project
from pennon.origin.schemas import full_name


def lock_editable_environment(transaction: Transaction, project: str, environment: str) -> str:
    """
    Lock an environment and return its full name.

    Raises NotFound, and Conflict when it or its project is archived. Both are looked at under
    the lock, which archiving takes as well: a change never slips in after it.
    """
    connection = transaction.connection
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    transaction.lock([name])
    refuse_archived(connection, project, environment)
    return name


def refuse_archived(connection: Connection, project: str, environment: str) -> None:
    """Raise NotFound, and Conflict when an environment or its project is archived."""
    if require_project(connection, project).archived:
        raise Conflict(f"The project {project!r} is archived. Bring it back first.")
    if require_environment(connection, project, environment).archived:
        name = full_name(project, environment)
        raise Conflict(f"The environment {name!r} is archived. Bring it back first.")
