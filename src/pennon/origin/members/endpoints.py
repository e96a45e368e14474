"""Members of external segments over HTTP."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Final

from msgspec.structs import replace as with_fields

from pennon.origin.authors import author_of
from pennon.origin.changelog import Transaction
from pennon.origin.dry_run import ChangeQuery
from pennon.origin.members.changing import change_some
from pennon.origin.members.downloading import csv_of
from pennon.origin.members.holding import Place, find_members_of, tag_of
from pennon.origin.members.parsing import PLAIN
from pennon.origin.members.schemas import (
    KnownMembers,
    MembersChange,
    MembersChanged,
    MembersLookup,
    MembersPage,
    MembersQuery,
)
from pennon.origin.members.uploading import Uploads
from pennon.origin.members.viewing import list_members, look_up
from pennon.origin.services import Origin
from pennon.web.endpoint import CSV, Call, Csv, Endpoint, NoQuery, Upload, act, delete, get
from pennon.web.permissions import READ, WRITE

_MOST_BYTES: Final = 1024 * 1024 * 1024
_MOST_OF_SOME: Final = 8 * 1024 * 1024
_PATH: Final = "/api/v1/projects/{project}/environments/{environment}/segments/{segment}/members"


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served at ``/members`` of a segment in an environment, and below."""
    return [*_reads(origin), *_changes(origin)]


def _reads(origin: Origin) -> list[Endpoint]:
    async def list_segment_members(call: Call[None, MembersQuery]) -> MembersPage:
        """List the members of an external segment in order of their keys."""
        return await origin.read(partial(list_members, place=_place(call), asked=call.query))

    async def look_up_segment_members(call: Call[MembersLookup, NoQuery]) -> KnownMembers:
        """Look up which of some keys are members of an external segment."""
        return await origin.read(partial(look_up, place=_place(call), asked=call.body))

    async def download_segment_members(call: Call[None, NoQuery]) -> Csv:
        """Stream all members of an external segment as CSV, in order of their keys."""
        held = await origin.read(partial(find_members_of, place=_place(call)))
        return Csv(csv_of(origin, held), (("etag", tag_of(held.state)),))

    lookup = act(
        f"{_PATH}/lookup",
        look_up_segment_members,
        needs=READ,
        body=MembersLookup,
        answer=KnownMembers,
    )
    return [
        _tagged(
            get(_PATH, list_segment_members, needs=READ, query=MembersQuery, answer=MembersPage)
        ),
        _tagged(replace(lookup, most_bytes=_MOST_OF_SOME)),
        Endpoint(
            method="GET",
            path=f"{_PATH}/download",
            handler=download_segment_members,
            needs=READ,
            answer=Csv,
        ),
    ]


def _changes(origin: Origin) -> list[Endpoint]:
    uploads = Uploads(origin)

    async def upload_segment_members(call: Call[Upload, ChangeQuery]) -> MembersChanged:
        """
        Replace the members of an external segment by a list that is uploaded.

        With `dryRun=true` nothing is changed; the answer is what would be. `If-Match` is
        required: it names the members that the list was made from, or is `*`.
        """
        return await uploads.take(
            _place(call), call.body, author_of(call), call.if_match, dry_run=call.query.dry_run
        )

    async def change_segment_members(call: Call[MembersChange, ChangeQuery]) -> MembersChanged:
        """
        Add, exclude and remove some members of an external segment, all or none.

        What is so already takes no version. With `dryRun=true` nothing is changed.
        """
        place, author = _place(call), author_of(call, call.body.comment)

        def work(transaction: Transaction) -> MembersChanged:
            return change_some(transaction, place, call.body, author, call.if_match)

        def foresee(transaction: Transaction) -> MembersChanged:
            before = find_members_of(transaction.connection, place)
            return with_fields(
                work(transaction), generation=before.generation, dry_run=True, propagation=None
            )

        if call.query.dry_run:
            return await origin.rehearse(foresee, place.project)
        return await origin.write(work, place.project)

    async def clear_segment_members(call: Call[None, NoQuery]) -> MembersChanged:
        """Remove all members of an external segment."""
        return await uploads.clear(_place(call), author_of(call), call.if_match)

    some = act(
        f"{_PATH}/changes",
        change_segment_members,
        needs=WRITE,
        body=MembersChange,
        answer=MembersChanged,
        if_match="optional",
    )
    return [
        _tagged(
            Endpoint(
                method="PUT",
                path=_PATH,
                handler=upload_segment_members,
                needs=WRITE,
                query=ChangeQuery,
                answer=MembersChanged,
                takes=(CSV, PLAIN),
                most_bytes=_MOST_BYTES,
                if_match="required",
            )
        ),
        _tagged(replace(some, query=ChangeQuery, most_bytes=_MOST_OF_SOME)),
        _tagged(
            delete(
                _PATH,
                clear_segment_members,
                needs=WRITE,
                answer=MembersChanged,
                if_match="required",
            )
        ),
    ]


def _tagged(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, tag=tag_of)


def _place(call: Call[Any, Any]) -> Place:
    return Place(call["project"], call["environment"], call["segment"])
