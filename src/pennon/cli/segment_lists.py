"""`pennon segment members`: whole lists, uploaded, compared, downloaded and removed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from pennon.cli.asking import agreed
from pennon.cli.connection import Connection, resolve
from pennon.cli.errors import CommandFailed
from pennon.cli.list_files import STANDARD, pieces_of, written
from pennon.cli.output import Json, print_json, print_text
from pennon.cli.segment_client import SegmentsClient
from pennon.cli.segment_members import Comment, DryRun, Where, print_changed
from pennon.cli.segment_view import MembersState, read, state_phrase
from pennon.errors import BadInput

Format = Literal["csv", "list"]
Source = Annotated[str, Parameter(allow_leading_hyphen=True)]
Generation = Annotated[
    int | None,
    Parameter(help="Refuse it where the members have changed since this version; see `show`."),
]

_MEDIA_TYPES = {"csv": "text/csv", "list": "text/plain"}


def register(group: App) -> None:
    """Add the commands to `pennon segment members`."""
    group.command(upload)
    group.command(diff)
    group.command(download)
    group.command(clear)


def upload(
    segment_key: str,
    path: Source,
    /,
    *,
    format: Format | None = None,
    if_generation: Generation = None,
    comment: Comment = None,
    dry_run: DryRun = False,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Replace all members by a list: all of it, or nothing where a line is wrong.

    Parameters
    ----------
    segment_key
        The segment's key.
    path
        The file, or - for standard input.
    format
        A CSV with the header key,member, or a list of a key a line; by default what the file's
        name says: a CSV where it ends in .csv.
    """
    chosen = format or ("csv" if path.lower().endswith(".csv") else "list")
    with SegmentsClient(resolve(where or Connection())) as client:
        tag = _tag(client, segment_key, if_generation)
        with pieces_of(path) as pieces:
            body = client.upload(
                segment_key, pieces, _MEDIA_TYPES[chosen], tag, comment, dry_run=dry_run
            )
        print_changed(client, body, dry_run=dry_run, json=json)


def diff(
    segment_key: str,
    path: Source,
    /,
    *,
    format: Format | None = None,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Show what uploading a list would change, and change nothing.

    Parameters
    ----------
    segment_key
        The segment's key.
    path
        The file, or - for standard input.
    format
        A CSV with the header key,member, or a list of a key a line; by default what the file's
        name says: a CSV where it ends in .csv.
    """
    upload(segment_key, path, format=format, dry_run=True, where=where, json=json)


def download(
    segment_key: str,
    /,
    *,
    to: Source = STANDARD,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Write all members as a CSV that can be uploaded again.

    Parameters
    ----------
    segment_key
        The segment's key.
    to
        The file, or - for standard output.
    """
    if json and to == STANDARD:
        raise BadInput.at("--json", "needs a file: give --to")
    with SegmentsClient(resolve(where or Connection())) as client:
        pieces = client.download(segment_key)
        if to == STANDARD:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        lines = written(Path(to), pieces) - 1
    if json:
        print_json({"file": to, "keys": lines})
    else:
        print_text(f"{lines} keys written to {to}.")


def clear(
    segment_key: str,
    /,
    *,
    yes: Annotated[bool, Parameter(negative="", alias="-y")] = False,
    if_generation: Generation = None,
    comment: Comment = None,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Remove all members.

    Parameters
    ----------
    segment_key
        The segment's key.
    yes
        Remove them without asking.
    """
    target = resolve(where or Connection())
    with SegmentsClient(target) as client:
        state = read(client.state(segment_key), MembersState)
        tag = _tag_of(state, if_generation)
        name = f"{segment_key} in {target.project}/{target.environment}"
        if not yes:
            if json or not sys.stdin.isatty():
                raise CommandFailed("Nothing was removed: give --yes to remove without asking.")
            if not agreed(f"{name} has {state_phrase(state)}. Remove them all?"):
                raise CommandFailed("Nothing was removed.")
        body = client.clear(segment_key, tag, comment)
        print_changed(client, body, dry_run=False, json=json)


def _tag(client: SegmentsClient, segment: str, generation: int | None) -> str:
    return _tag_of(read(client.state(segment), MembersState), generation)


def _tag_of(state: MembersState, generation: int | None) -> str:
    """Return the tag of the members that a change is made from: those that there are."""
    if generation is not None and generation != state.generation:
        raise CommandFailed(
            f"The members have changed since version {generation}: it is {state.generation} now."
        )
    return state.tag
