"""Refuses a change that nobody else has approved, where an environment wants that."""

from __future__ import annotations

from sqlalchemy import Connection

from pennon.errors import Conflict
from pennon.origin.authors import Author
from pennon.origin.environments.queries import approvals_required


def refuse_unapproved(connection: Connection, environment: str, author: Author) -> None:
    """Raise Conflict for a change of targeting in *environment* that had to be proposed."""
    required = 0 if author.approved else approvals_required(connection, environment)
    if required:
        project, _, key = environment.partition("/")
        raise Conflict(
            f"A change in {environment} needs to be approved by {required} more. Propose it: "
            f"POST /api/v1/projects/{project}/environments/{key}/change-requests"
        )
