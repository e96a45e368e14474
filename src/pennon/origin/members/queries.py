"""The member lists' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, insert, select, update

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import (
    environments,
    installation,
    member_lists,
    members,
    memberships,
    projects,
    segments,
)
from pennon.origin.members.bulk import read_along_index
from pennon.origin.members.tally import Tally

STAGED: Final = "staged"
LIVE: Final = "live"
DROPPED: Final = "dropped"


def find_live(connection: Connection, environment: str, segment: str) -> AnyRow | None:
    """Return the list of a segment's members."""
    return connection.execute(
        select(member_lists).where(
            member_lists.c.environment == environment,
            member_lists.c.segment == segment,
            member_lists.c.state == LIVE,
        )
    ).one_or_none()


def find_published(connection: Connection, environment: str, segment: str) -> AnyRow | None:
    """Return what an environment that is offered knows of a segment: its document, its list."""
    return connection.execute(
        select(
            memberships.c.document,
            installation.c.epoch,
            environments.c.version,
            member_lists.c.id.label("list"),
            member_lists.c.generation,
        )
        .join_from(
            memberships,
            segments,
            and_(
                segments.c.project == memberships.c.project,
                segments.c.key == memberships.c.segment,
                segments.c.archived.is_(False),
            ),
        )
        .join(
            environments,
            and_(
                environments.c.environment == memberships.c.environment,
                environments.c.archived.is_(False),
            ),
        )
        .join(
            projects,
            and_(projects.c.key == environments.c.project, projects.c.archived.is_(False)),
        )
        .join(installation, installation.c.id == 1)
        .outerjoin(
            member_lists,
            and_(
                member_lists.c.environment == memberships.c.environment,
                member_lists.c.segment == memberships.c.segment,
                member_lists.c.state == LIVE,
            ),
        )
        .where(memberships.c.environment == environment, memberships.c.segment == segment)
    ).one_or_none()


def populated(connection: Connection, project: str) -> Sequence[AnyRow]:
    """Return which segments of a project have members, and in which environments."""
    return connection.execute(
        select(member_lists.c.environment, member_lists.c.segment).where(
            member_lists.c.environment.like(f"{project}/%"),
            member_lists.c.state == LIVE,
            member_lists.c.included + member_lists.c.excluded > 0,
        )
    ).all()


def add_list(connection: Connection, id: int, environment: str, segment: str, now: int) -> None:
    """Add an empty list that is to be written."""
    nothing = Tally()
    connection.execute(
        insert(member_lists).values(
            id=id,
            environment=environment,
            segment=segment,
            state=STAGED,
            generation=0,
            included=nothing.included,
            excluded=nothing.excluded,
            digest=nothing.digest,
            touched_at=now,
        )
    )


def touch(connection: Connection, id: int, now: int) -> bool:
    """Say that a staged list is still being written; return whether it is still there."""
    return _change(connection, id, STAGED, {"touched_at": now})


def enliven(connection: Connection, id: int, generation: int, tally: Tally, now: int) -> bool:
    """Make a staged list the members of its segment; return whether it was still there."""
    return _change(connection, id, STAGED, {"state": LIVE, **_told(generation, tally, now)})


def renew(connection: Connection, id: int, generation: int, tally: Tally, now: int) -> bool:
    """Say what a live list holds by now."""
    return _change(connection, id, LIVE, _told(generation, tally, now))


def drop(connection: Connection, id: int, state: str, now: int) -> bool:
    """Let go of a list that is in *state*."""
    return _change(connection, id, state, {"state": DROPPED, "touched_at": now})


def drop_all(connection: Connection, environments: Collection[str], segment: str) -> None:
    """Let go of every list of a segment in *environments*."""
    connection.execute(
        update(member_lists)
        .where(member_lists.c.environment.in_(environments), member_lists.c.segment == segment)
        .values(state=DROPPED, touched_at=0)
    )


def oldest_left_over(connection: Connection, before: int) -> AnyRow | None:
    """Return a list that is no segment's members, and was not touched since *before*."""
    return connection.execute(
        select(member_lists.c.id, member_lists.c.state, member_lists.c.touched_at)
        .where(member_lists.c.state.in_((STAGED, DROPPED)), member_lists.c.touched_at < before)
        .order_by(member_lists.c.touched_at, member_lists.c.id)
        .limit(1)
    ).one_or_none()


def is_left_over(connection: Connection, id: int, before: int) -> bool:
    """Return whether a list may have been taken apart that was not touched since *before*."""
    row = connection.execute(
        select(member_lists.c.state, member_lists.c.touched_at).where(member_lists.c.id == id)
    ).one_or_none()
    return row is None or (row.state != LIVE and row.touched_at < before)


def remove_some(connection: Connection, id: int, after: str, limit: int) -> str | None:
    """Remove the first *limit* keys past *after* from a list; return the last, None at its end."""
    read_along_index(connection)
    past = select(members.c.key).where(members.c.list == id, members.c.key > after)
    keys = connection.scalars(past.order_by(members.c.key).limit(limit)).all()
    if not keys:
        return None
    last: str = keys[-1]
    connection.execute(
        delete(members).where(members.c.list == id, members.c.key > after, members.c.key <= last)
    )
    return last


def remove_list(connection: Connection, id: int) -> None:
    """Remove an empty list."""
    connection.execute(delete(member_lists).where(member_lists.c.id == id))


def read_page(
    connection: Connection,
    id: int,
    *,
    after: str | None = None,
    limit: int,
    prefix: str = "",
    member: bool | None = None,
) -> Sequence[AnyRow]:
    """Return keys of a list in their order, those that begin with *prefix*."""
    query = select(members.c.key, members.c.member).where(members.c.list == id)
    if after is not None:
        query = query.where(members.c.key > after)
    if prefix:
        query = query.where(members.c.key >= prefix)
        if (end := _after_all(prefix)) is not None:
            query = query.where(members.c.key < end)
    if member is not None:
        query = query.where(members.c.member == member)
    read_along_index(connection)
    return connection.execute(query.order_by(members.c.key).limit(limit)).all()


def _after_all(prefix: str) -> str | None:
    """Return the first text after all that begin with *prefix*, None where there is none."""
    for end in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[end]) + 1
        if 0xD800 <= code <= 0xDFFF:
            code = 0xE000
        if code <= 0x10FFFF:
            return prefix[:end] + chr(code)
    return None


def _told(generation: int, tally: Tally, now: int) -> dict[str, Any]:
    return {
        "generation": generation,
        "included": tally.included,
        "excluded": tally.excluded,
        "digest": tally.digest,
        "touched_at": now,
    }


def _change(connection: Connection, id: int, state: str, values: dict[str, Any]) -> bool:
    changed = connection.execute(
        update(member_lists)
        .where(member_lists.c.id == id, member_lists.c.state == state)
        .values(values)
    )
    return changed.rowcount == 1
