"""A project as the services made it: its flags, and what has happened to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Raw
from sqlalchemy import Connection, Table, select

from pennon.origin.audit.records import Record
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import audit, flag_tags, flags, history, targetings


@dataclass(frozen=True)
class Template:
    """A project's flags, and what has happened to them, the first first."""

    flags: Sequence[AnyRow]
    tags: Sequence[AnyRow]
    targetings: Sequence[AnyRow]
    events: Sequence[tuple[Record, Sequence[AnyRow]]]

    @classmethod
    def read(cls, connection: Connection, project: str) -> Template:
        """Return what there is of a project that the services have made."""
        told: dict[int, list[AnyRow]] = {}
        of_flags = select(history).where(
            history.c.environment.like(f"{project}/%"), history.c.kind == "flag"
        )
        for row in connection.execute(of_flags.order_by(history.c.environment, history.c.version)):
            told.setdefault(row.record, []).append(row)
        records = connection.execute(
            select(audit)
            .where(audit.c.chain == project, audit.c.resource.like("flag/%"))
            .order_by(audit.c.sequence)
        )

        def of_project(table: Table) -> Sequence[AnyRow]:
            return connection.execute(select(table).where(table.c.project == project)).all()

        return cls(
            of_project(flags),
            of_project(flag_tags),
            of_project(targetings),
            [(_record(row), told.get(row.sequence, ())) for row in records],
        )


def _record(row: AnyRow) -> Record:
    columns: dict[str, Any] = {
        name: Raw(value) if isinstance(value, bytes) else value
        for name in Record.__struct_fields__
        for value in [getattr(row, name)]
    }
    return Record(**columns)
