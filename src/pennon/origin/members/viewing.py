"""Shows members: a page of them, and what is known of some keys."""

from __future__ import annotations

from msgspec.structs import asdict
from sqlalchemy import Connection

from pennon.origin.members import queries
from pennon.origin.members.bulk import find_members
from pennon.origin.members.holding import Place, find_members_of
from pennon.origin.members.schemas import (
    KnownMember,
    KnownMembers,
    Member,
    MembersLookup,
    MembersPage,
    MembersQuery,
)
from pennon.origin.paging import cut, decode_cursor


def list_members(connection: Connection, place: Place, asked: MembersQuery) -> MembersPage:
    """Return a page of the members of an external segment. Raises NotFound and Conflict."""
    held = find_members_of(connection, place)
    after = None if asked.cursor is None else decode_cursor(asked.cursor)
    rows, following = cut(
        []
        if held.list is None
        else queries.read_page(
            connection,
            held.list,
            after=after,
            limit=asked.limit + 1,
            prefix=asked.prefix,
            member=asked.member,
        ),
        asked,
        "key",
    )
    return MembersPage(
        **asdict(held.state),
        kind=held.kind,
        items=tuple(Member(key=row.key, member=row.member) for row in rows),
        next=following,
    )


def look_up(connection: Connection, place: Place, asked: MembersLookup) -> KnownMembers:
    """Return what is known of some keys. Raises NotFound and Conflict."""
    held = find_members_of(connection, place)
    known: dict[str, bool] = {}
    if held.list is not None:
        known = find_members(connection, held.list, asked.keys)
    return KnownMembers(
        **asdict(held.state),
        kind=held.kind,
        items=tuple(_membership(key, known.get(key)) for key in asked.keys),
    )


def _membership(key: str, member: bool | None) -> KnownMember:
    if member is None:
        return KnownMember(key=key, membership="unlisted")
    return KnownMember(key=key, membership="in" if member else "out")
