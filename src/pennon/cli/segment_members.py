"""`pennon segment members`: some members of an external segment, looked at and changed."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from pennon.cli.connection import Connection, resolve
from pennon.cli.output import Json, print_json, print_text
from pennon.cli.segment_client import SegmentsClient
from pennon.cli.segment_view import (
    ChangedView,
    LookedUpView,
    MembersState,
    MemberView,
    changed_lines,
    read,
    state_phrase,
)
from pennon.errors import BadInput

Where = Annotated[Connection | None, Parameter(name="*")]
Comment = Annotated[str | None, Parameter(help="Why, for the audit log.")]
DryRun = Annotated[bool, Parameter(negative="", help="Change nothing; show what would be.")]
Keys = Annotated[tuple[str, ...], Parameter(negative_iterable="")]


def register(group: App) -> None:
    """Add the commands to `pennon segment members`."""
    group.command(list_, name="list")
    group.command(get)
    group.command(add)
    group.command(remove)


def list_(
    segment_key: str,
    /,
    *,
    prefix: str | None = None,
    member: bool | None = None,
    limit: int = 100,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    List members in order of their keys.

    Parameters
    ----------
    segment_key
        The segment's key.
    prefix
        List only keys that begin with this text.
    member
        List only keys that are in, or with --no-member those that are out.
    limit
        List at most so many; `download` has all.
    """
    if limit < 1:
        raise BadInput.at("--limit", f"expected 1 or more, got {limit}")
    target = resolve(where or Connection())
    query = {"prefix": prefix, "member": None if member is None else str(member).lower()}
    with SegmentsClient(target) as client:
        items = list(client.members(segment_key, query, limit))
        if json:
            print_json({"items": [msgspec.Raw(one) for one in items]})
            return
        state = read(client.state(segment_key), MembersState)
    for item in items:
        one = read(item, MemberView)
        print_text(f"{'+' if one.member else '-'} {one.key}")
    print_text(f"{segment_key} in {target.project}/{target.environment}: {state_phrase(state)}")


def get(
    segment_key: str,
    keys: Keys,
    /,
    *,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Say of some keys whether they are in, out or unlisted.

    Parameters
    ----------
    segment_key
        The segment's key.
    keys
        The keys to look up.
    """
    with SegmentsClient(resolve(where or Connection())) as client:
        body = client.look_up(segment_key, keys)
    if json:
        print_json(msgspec.Raw(body))
        return
    for one in read(body, LookedUpView).items:
        print_text(f"{one.key}: {one.membership}")


def add(
    segment_key: str,
    keys: Keys,
    /,
    *,
    exclude: Annotated[bool, Parameter(negative="")] = False,
    comment: Comment = None,
    dry_run: DryRun = False,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Let some keys be in the segment, or with --exclude out of it, whatever its rules say.

    Parameters
    ----------
    segment_key
        The segment's key.
    keys
        The keys, at most 1,000; `upload` takes longer lists.
    exclude
        Let them be out.
    """
    _change(
        segment_key,
        "exclude" if exclude else "add",
        keys,
        comment=comment,
        dry_run=dry_run,
        where=where,
        json=json,
    )


def remove(
    segment_key: str,
    keys: Keys,
    /,
    *,
    comment: Comment = None,
    dry_run: DryRun = False,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Take some keys off the list: the segment's rules decide of them again.

    Parameters
    ----------
    segment_key
        The segment's key.
    keys
        The keys, at most 1,000.
    """
    _change(segment_key, "remove", keys, comment=comment, dry_run=dry_run, where=where, json=json)


def _change(
    segment: str,
    what: str,
    keys: tuple[str, ...],
    *,
    comment: str | None,
    dry_run: bool,
    where: Where,
    json: bool,
) -> None:
    with SegmentsClient(resolve(where or Connection())) as client:
        body = client.change(segment, {what: keys}, comment, dry_run=dry_run)
        print_changed(client, body, dry_run=dry_run, json=json)


def print_changed(client: SegmentsClient, body: bytes, *, dry_run: bool, json: bool) -> None:
    """Print what a change did, or a dry run says that it would."""
    if json:
        print_json(msgspec.Raw(body))
        return
    changed = read(body, ChangedView)
    for line in changed_lines(changed, would=dry_run):
        print_text(line)
    if changed.propagation:
        print_text(f"Since version {changed.generation}.")
        print_text(f"Who has it: {client.absolute(changed.propagation)}")
