"""What a database has from its first moment: an epoch, `$access`, and a chain for its own audit."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, insert, select

from pennon.model.position import ACCESS
from pennon.origin.audit.records import GENESIS
from pennon.origin.db.tables import audit_heads, environments, installation

INSTALLATION_CHAIN: Final = "$installation"
"""The audit chain of what belongs to no project: keys and tokens. No project key has a ``$``."""


def install(connection: Connection, epoch: str) -> None:
    """Write the first rows, with *epoch*; nothing when they are there already."""
    if connection.scalar(select(installation.c.epoch)) is not None:
        return
    connection.execute(insert(installation).values(id=1, epoch=epoch))
    created_at = int(epoch.partition("-")[0])
    connection.execute(
        insert(environments).values(
            environment=ACCESS, created_at=created_at, updated_at=created_at
        )
    )
    connection.execute(
        insert(audit_heads).values(chain=INSTALLATION_CHAIN, sequence=0, hash=GENESIS)
    )


def read_epoch(connection: Connection) -> str:
    """Return the epoch of this database's line of versions."""
    epoch: str = connection.execute(select(installation.c.epoch)).scalar_one()
    return epoch
