"""The propagation board's SQL, one statement a function."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from pennon.origin.db.tables import changelog


def find_commit(
    connection: Connection, environment: str, version: int
) -> Row[*tuple[Any, ...]] | None:
    """Return the epoch and time at which *version* of *environment* was committed."""
    return connection.execute(
        select(changelog.c.epoch, changelog.c.committed_at)
        .where(changelog.c.environment == environment, changelog.c.version == version)
        .order_by(changelog.c.epoch.desc())
        .limit(1)
    ).one_or_none()
