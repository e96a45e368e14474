"""The changelog's SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from pennon.model.messages import Change
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import changelog, environments, installation, items


def lock_heads(connection: Connection, names: Sequence[str]) -> Sequence[AnyRow]:
    """Lock the named environments in sorted order until the end, and return the epoch with each."""
    return connection.execute(
        select(
            environments.c.environment,
            environments.c.version,
            environments.c.digest,
            environments.c.deletions,
            select(installation.c.epoch).scalar_subquery().label("epoch"),
        )
        .where(environments.c.environment.in_(names))
        .order_by(environments.c.environment)
        .with_for_update()
    ).all()


def move_head(
    connection: Connection,
    name: str,
    epoch: str,
    began_at: int,
    version: int,
    digest: str,
    deletions: int,
) -> None:
    """Move a locked environment on from the epoch and the version that it was locked at."""
    moved = connection.execute(
        update(environments).where(
            environments.c.environment == name,
            environments.c.version == began_at,
            select(installation.c.epoch).scalar_subquery() == epoch,
        ),
        {"version": version, "digest": digest, "deletions": deletions},
    )
    if moved.rowcount != 1:
        raise RuntimeError(f"The environment {name} moved, or an epoch began, while it was locked.")


def read_heads(connection: Connection, names: Collection[str] | None) -> Sequence[AnyRow]:
    """Return where environments stand, all of them when *names* is None, and their epoch."""
    query = select(
        environments.c.environment,
        environments.c.version,
        environments.c.digest,
        environments.c.deletions,
        installation.c.epoch,
    ).join_from(environments, installation, installation.c.id == 1)
    if names is not None:
        query = query.where(environments.c.environment.in_(names))
    return connection.execute(query).all()


def find_item(connection: Connection, environment: str, kind: str, key: str) -> AnyRow | None:
    """Return the version and bytes of a published item."""
    return connection.execute(
        select(items.c.version, items.c.data).where(_is_item(environment, kind, key))
    ).one_or_none()


def insert_item(
    connection: Connection, environment: str, kind: str, key: str, version: int, data: bytes
) -> None:
    """Add a published item."""
    connection.execute(
        insert(items),
        {"environment": environment, "kind": kind, "key": key, "version": version, "data": data},
    )


def update_item(
    connection: Connection, environment: str, kind: str, key: str, version: int, data: bytes
) -> None:
    """Replace a published item."""
    connection.execute(
        update(items).where(_is_item(environment, kind, key)), {"version": version, "data": data}
    )


def delete_item(connection: Connection, environment: str, kind: str, key: str) -> None:
    """Remove a published item."""
    connection.execute(delete(items).where(_is_item(environment, kind, key)))


def read_items(connection: Connection, environment: str) -> Sequence[AnyRow]:
    """Return every published item of an environment."""
    return connection.execute(
        select(items.c.kind, items.c.key, items.c.data)
        .where(items.c.environment == environment)
        .order_by(items.c.kind, items.c.key)
    ).all()


def append_change(connection: Connection, change: Change) -> None:
    """Add a change to the log."""
    connection.execute(
        insert(changelog),
        {
            "environment": change.environment,
            "version": change.position.version,
            "epoch": change.position.epoch,
            "kind": change.kind,
            "key": change.key,
            "data": change.data,
            "committed_at": change.committed_at,
        },
    )


def read_changes(
    connection: Connection, environment: str, epoch: str, after: int, limit: int
) -> Sequence[AnyRow]:
    """Return the changes of one epoch after a version, oldest first."""
    return connection.execute(
        select(changelog.c.version, changelog.c.kind, changelog.c.data)
        .where(
            changelog.c.environment == environment,
            changelog.c.epoch == epoch,
            changelog.c.version > after,
        )
        .order_by(changelog.c.version)
        .limit(limit)
    ).all()


def read_latest_changes(
    connection: Connection, environment: str, epoch: str, limit: int
) -> Sequence[AnyRow]:
    """Return the newest changes of one epoch, newest first."""
    return connection.execute(
        select(changelog.c.version, changelog.c.kind, changelog.c.data)
        .where(changelog.c.environment == environment, changelog.c.epoch == epoch)
        .order_by(changelog.c.version.desc())
        .limit(limit)
    ).all()


def last_committed_at(connection: Connection, environment: str) -> int | None:
    """Return when the environment's newest change was committed."""
    at: int | None = connection.scalar(
        select(changelog.c.committed_at)
        .where(changelog.c.environment == environment)
        .order_by(changelog.c.version.desc())
        .limit(1)
    )
    return at


def last_version_before(connection: Connection, environment: str, time: int) -> int | None:
    """Return the newest version that was committed before *time*."""
    version: int | None = connection.scalar(
        select(func.max(changelog.c.version)).where(
            changelog.c.environment == environment, changelog.c.committed_at < time
        )
    )
    return version


def delete_changes_to(connection: Connection, environment: str, version: int) -> int:
    """Remove the changes up to and including *version*; return how many there were."""
    return connection.execute(
        delete(changelog).where(
            changelog.c.environment == environment, changelog.c.version <= version
        )
    ).rowcount


def _is_item(environment: str, kind: str, key: str) -> Any:
    return and_(items.c.environment == environment, items.c.kind == kind, items.c.key == key)
