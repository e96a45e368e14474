"""Answers nodes and evaluators which keys are members, from the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from pennon.errors import NotFound
from pennon.model.members import MembersAnswer
from pennon.origin.db import Database
from pennon.origin.members import queries
from pennon.origin.members.bulk import find_members
from pennon.origin.segments.parts import decode_membership


class MembersInDatabase:
    """Asks a database, which may be a replica: what it answers is of one moment of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
        """
        Return which of *keys* are in an external segment, and which are out.

        Raises NotFound where there is none that followers know of, and SourceLost.
        """
        return await self._database.read(lambda c: answer(c, environment, segment, keys))


def answer(
    connection: Connection, environment: str, segment: str, keys: Sequence[str]
) -> MembersAnswer:
    """Return which of *keys* are in an external segment that is published, and which are out."""
    row = queries.find_published(connection, environment, segment)
    if row is None or decode_membership(row.document).external is None:
        raise NotFound("external segment", f"{segment} in {environment}")
    known: dict[str, bool] = {}
    if row.list is not None:
        known = find_members(connection, row.list, keys)
    return MembersAnswer(
        environment=environment,
        segment=segment,
        epoch=row.epoch,
        generation=row.generation or 0,
        version=row.version,
        in_=tuple(key for key in keys if known.get(key) is True),
        out=tuple(key for key in keys if known.get(key) is False),
    )
