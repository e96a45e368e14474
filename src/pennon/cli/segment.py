"""`pennon segment`: see the segments of an environment, and who is in them."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from pennon.cli import segment_lists, segment_members
from pennon.cli.connection import Connection, resolve
from pennon.cli.output import Json, print_json, print_text
from pennon.cli.segment_client import SegmentsClient
from pennon.cli.segment_view import MembersState, SegmentView, read, segment_table, segment_text
from pennon.errors import BadInput

Where = Annotated[Connection | None, Parameter(name="*")]

_EXAMPLES = """\
Examples:

  pennon segment list
  pennon segment show vip
  pennon segment members upload vip vip.csv --dry-run
  pennon segment members upload vip vip.csv --comment 'Customers of November'
  pennon segment members get vip ada

What pennon up saved stands in for --token, --project and --environment."""

_MEMBERS_EXAMPLES = """\
Examples:

  pennon segment members diff vip vip.csv
  pennon segment members upload vip vip.csv
  psql -qAtc 'SELECT id FROM customers' | pennon segment members upload vip -
  pennon segment members add vip ada grace
  pennon segment members download vip --to vip.csv

A segment has such members where it is external; others list their keys themselves."""


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(name="segment", help="See the segments of an environment.", sort_key=5)
    group.help_epilogue = _EXAMPLES
    group.command(list_, name="list")
    group.command(show)
    members = App(name="members", help="See and change who is in an external segment.")
    members.help_epilogue = _MEMBERS_EXAMPLES
    segment_members.register(members)
    segment_lists.register(members)
    group.command(members)
    app.command(group)


def list_(
    *,
    q: str | None = None,
    archived: Annotated[bool, Parameter(negative="")] = False,
    limit: int | None = None,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    List the segments, and how many are in each.

    Parameters
    ----------
    q
        List only segments whose key, name, description or tags hold this text.
    archived
        List those that are archived.
    limit
        List at most so many; by default all.
    """
    if limit is not None and limit < 1:
        raise BadInput.at("--limit", f"expected 1 or more, got {limit}")
    target = resolve(where or Connection())
    with SegmentsClient(target) as client:
        query = {"q": q, "archived": "true" if archived else None}
        segments = list(client.list(query, limit))
    if json:
        print_json({"items": [msgspec.Raw(one) for one in segments]})
    elif segments:
        print_text(segment_table(map(partial(read, type=SegmentView), segments)))
    else:
        name = f"{target.project}/{target.environment}"
        print_text(f"No segment of {name} matches." if q else f"{name} has no segment.")


def show(segment_key: str, /, *, where: Where = None, json: Json = False) -> None:
    """
    Show a segment: who is in it, and by which rules.

    Parameters
    ----------
    segment_key
        The segment's key.
    """
    target = resolve(where or Connection())
    with SegmentsClient(target) as client:
        body = client.show(segment_key)
        if json:
            print_json(msgspec.Raw(body))
            return
        segment = read(body, SegmentView)
        state = None
        if segment.external is not None:
            state = read(client.state(segment_key), MembersState)
    print_text(segment_text(segment, f"{target.project}/{target.environment}", state))
