"""L3 held against the database, and made from it anew."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Literal

from pennon.model.flag import Wire
from pennon.model.position import ACCESS, Position
from pennon.origin import changelog
from pennon.origin.db import Database
from pennon.origin.kv_publisher import PublishedStore

State = Literal["current", "behind", "missing", "broken", "ahead", "written", "failed"]
"""
How L3 has an environment: as the database does, older, not at all, or not whole; or newer, which
is left; and after a rebuild, that it was written or could not be.
"""


class InL3(Wire, frozen=True, kw_only=True):
    """Where an environment stands in the database and in L3, as positions."""

    environment: str
    database: str
    l3: str | None
    state: State


async def compare(database: Database, store: PublishedStore) -> list[InL3]:
    """Hold every environment that is followed against L3. Raises OSError."""
    held = await _positions(database)
    whole = await store.survey(held)
    found = []
    for environment, position in held.items():
        kept = whole.get(environment)
        # What is there and not whole has a head all the same.
        claimed = kept or await store.position(environment)
        state: State = "missing" if claimed is None else "broken"
        if kept is not None:
            is_older, is_newer = kept < position, kept > position
            state = "behind" if is_older else "ahead" if is_newer else "current"
        found.append(_in_l3(environment, position, claimed, state))
    return found


async def rebuild(database: Database, store: PublishedStore) -> AsyncGenerator[InL3]:
    """
    Write every environment that is followed into L3, and yield each when that is done.

    A newer position in L3 is left: edges may hold it. An environment that could not be written
    does not keep the others from it.
    """
    for environment in await _positions(database):
        snapshot = await database.read(partial(changelog.snapshot, environment=environment))
        position = snapshot.position
        try:
            kept = await store.position(environment)
            if kept is not None and kept > position:
                yield _in_l3(environment, position, kept, "ahead")
                continue
            await store.save(snapshot)
        except OSError:
            yield _in_l3(environment, position, None, "failed")
            continue
        yield _in_l3(environment, position, position, "written")


async def _positions(database: Database) -> dict[str, Position]:
    """Return where each environment that nodes may follow stands, `$access` first."""
    states = await database.read(changelog.positions)
    access = await database.read(partial(changelog.snapshot, environment=ACCESS))
    followed = {name for kind, name in access.items if kind == "environment"}
    return {name: states[name].position for name in (ACCESS, *sorted(followed)) if name in states}


def _in_l3(environment: str, held: Position, kept: Position | None, state: State) -> InL3:
    there = None if kept is None else str(kept)
    return InL3(environment=environment, database=str(held), l3=there, state=state)
