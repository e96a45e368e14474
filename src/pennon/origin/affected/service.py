"""
Answers who would be affected by a change that was rehearsed.

The rehearsal only says which items would be different. All else is read and evaluated after it,
when nothing is locked any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from msgspec import json
from sqlalchemy import Connection

from pennon.evaluation.run import Memberships
from pennon.origin.affected.members import known_members
from pennon.origin.affected.reach import Changes, Reach, reach_of
from pennon.origin.affected.schemas import Affected
from pennon.origin.affected.weighing import Kinds, Weighing
from pennon.origin.contexts import queries
from pennon.origin.contexts.keeping import KEPT_MS, MOST
from pennon.origin.services import Origin

MOST_ENVIRONMENTS: Final = 10

Read = list[tuple[str, Reach, list[Kinds], Memberships]]


async def affected_by(origin: Origin, changes: Mapping[str, Changes]) -> Affected:
    """Return who is affected by *changes*, by environment, of those whom edges told of lately."""
    chosen = sorted(changes)[:MOST_ENVIRONMENTS]
    since = origin.clock() - KEPT_MS
    read = await origin.read(
        lambda connection: [_read(connection, name, changes[name], since) for name in chosen]
    )
    return await asyncio.to_thread(_weigh, read, changes)


def _read(
    connection: Connection, name: str, changes: Changes, since: int
) -> tuple[str, Reach, list[Kinds], Memberships]:
    reach = reach_of(connection, name, changes)
    contexts = _contexts(connection, name, since)
    members = known_members(connection, name, (reach.before, changes), contexts)
    return name, reach, contexts, members


def _contexts(connection: Connection, environment: str, since: int) -> list[Kinds]:
    rows = queries.latest(connection, environment, MOST)
    return [json.decode(row.document) for row in rows if row.at >= since]


def _weigh(read: Read, changes: Mapping[str, Changes]) -> Affected:
    weighing = Weighing(complete=len(read) == len(changes))
    for environment, reach, contexts, members in read:
        after = reach.after(changes[environment])
        weighing.add(environment, reach.flags, reach.before, after, contexts, members)
        weighing.complete = weighing.complete and reach.complete
    return weighing.result()
