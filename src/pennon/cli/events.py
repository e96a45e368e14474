"""`pennon events list`: who was served what, and what clients told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from pennon.cli.api_client import ApiClient, segment
from pennon.cli.connection import Connection, resolve
from pennon.cli.errors import CommandFailed
from pennon.cli.events_view import EventView, event_table
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.model.codec import decode

Where = Annotated[Connection | None, Parameter(name="*")]

_EXAMPLES = """\
Examples:

  pennon events list
  pennon events list --flag new-checkout --limit 10
  pennon events list --name purchase --unit user:ada --json"""


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Which events to list: those that meet every condition."""

    kind: str | None = None
    """Only exposures (exposure) or custom events (custom)."""

    flag: str | None = None
    """Only exposures of this flag."""

    name: str | None = None
    """Only custom events of this name."""

    unit: str | None = None
    """Only what is told of this one, such as user:ada."""


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(
        name="events", help="See to whom flags served what, and what they did then.", sort_key=6
    )
    group.help_epilogue = _EXAMPLES
    group.command(list_, name="list")
    app.command(group)


def list_(
    *,
    which: Annotated[Conditions | None, Parameter(name="*")] = None,
    limit: int = 50,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    List an environment's exposures and custom events, the newest first.

    Parameters
    ----------
    limit
        List at most so many.
    """
    if limit < 1:
        raise BadInput.at("--limit", f"expected 1 or more, got {limit}")
    target, asked = resolve(where or Connection()), which or Conditions()
    project = segment(target.project, "--project")
    environment = segment(target.environment, "--environment")
    path = f"/api/v1/projects/{project}/environments/{environment}/events"
    query = {"kind": asked.kind, "flag": asked.flag, "name": asked.name, "unit": asked.unit}
    with ApiClient(target) as client:
        events = list(client.pages(path, query, limit))
    if json:
        print_json({"items": [msgspec.Raw(event) for event in events]})
    elif events:
        print_text(event_table(map(_read, events)))
    else:
        print_text(f"No event of {target.project}/{target.environment} is like that.")


def _read(body: bytes) -> EventView:
    try:
        return decode(body, EventView)
    except BadInput as error:
        raise CommandFailed(f"The origin gave no event that can be read: {error}") from None
