"""The SQL of answers that are kept, one statement a function."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import kept_answers


def find(connection: Connection, id: str) -> AnyRow | None:
    """Return the answer that was kept under an id."""
    return connection.execute(select(kept_answers).where(kept_answers.c.id == id)).one_or_none()


def claim(connection: Connection, id: str, fingerprint: str, now: int) -> None:
    """Add an answer that is still to come; waits for another transaction that has done so."""
    connection.execute(
        insert(kept_answers).values(id=id, fingerprint=fingerprint, location="", created_at=now)
    )


def keep(connection: Connection, id: str, location: str, body: bytes | None) -> None:
    """Keep an answer, or, of one that holds a secret, only where what it told of is."""
    connection.execute(
        update(kept_answers).where(kept_answers.c.id == id).values(location=location, body=body)
    )


def forget_old(connection: Connection, id: str, before: int) -> None:
    """Remove an answer if it was kept by *before*: another transaction may have kept a new one."""
    connection.execute(
        delete(kept_answers).where(kept_answers.c.id == id, kept_answers.c.created_at <= before)
    )


def forget_all_old(connection: Connection, before: int) -> int:
    """Remove what was kept by *before*; return how many there were."""
    return connection.execute(
        delete(kept_answers).where(kept_answers.c.created_at <= before)
    ).rowcount
