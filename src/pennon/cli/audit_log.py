"""`pennon audit list` and `show`: who changed what, as an origin tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from cyclopts import Parameter

from pennon.cli.api_client import ApiClient, segment
from pennon.cli.audit_view import RecordView, record_table, record_text
from pennon.cli.connection import Connection, Target, resolve
from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.model.codec import decode

Where = Annotated[Connection | None, Parameter(name="*")]
Installation = Annotated[
    bool,
    Parameter(negative="", help="The log of what belongs to no project: keys, tokens, users."),
]


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Which records to list: those that meet every condition."""

    q: str | None = None
    """Only what holds this text in its resource or its comment."""

    actor: str | None = None
    """Only what was done by this one, by name or id."""

    action: str | None = None
    """Only what was done in this way, such as flag.updated."""

    resource: str | None = None
    """Only what was done to this, such as flag/new-checkout."""

    since: Annotated[str | None, Parameter(name="--from")] = None
    """Only from this moment on, such as 2026-11-20 or 2026-11-20T12:00Z; without a zone, ours."""

    until: str | None = None
    """Only before this moment."""


def list_(
    *,
    which: Annotated[Conditions | None, Parameter(name="*")] = None,
    oldest: Annotated[bool, Parameter(negative="")] = False,
    limit: int = 50,
    installation: Installation = False,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    List who changed what, the newest first.

    With --environment only what was done there.

    Parameters
    ----------
    oldest
        Begin with the oldest.
    limit
        List at most so many.
    """
    if limit < 1:
        raise BadInput.at("--limit", f"expected 1 or more, got {limit}")
    connection, asked = where or Connection(), which or Conditions()
    path, log, target = _log(connection, installation)
    query = {
        "q": asked.q,
        "actor": asked.actor,
        "action": asked.action,
        "resource": asked.resource,
        "from": _moment("--from", asked.since),
        "until": _moment("--until", asked.until),
        "environment": connection.environment and f"{log}/{connection.environment}",
        "order": "oldest" if oldest else None,
    }
    with ApiClient(target) as client:
        records = list(client.pages(path, query, limit))
    if json:
        print_json({"items": [msgspec.Raw(record) for record in records]})
    elif records:
        print_text(record_table(map(_read, records)))
    else:
        print_text(f"No record of {log} is like that.")


def show(
    number: int, /, *, installation: Installation = False, where: Where = None, json: Json = False
) -> None:
    """
    Show one change: who, from where, when, why, and what is different since.

    Parameters
    ----------
    number
        The record's number in the log.
    """
    path, log, target = _log(where or Connection(), installation)
    with ApiClient(target) as client:
        record = client.ask("GET", f"{path}/{number}")
    if json:
        print_json(msgspec.Raw(record))
    else:
        print_text(record_text(_read(record), log))


def _log(connection: Connection, installation: bool) -> tuple[str, str, Target]:
    """Return the path of a log, its name, and whom to ask for it."""
    if installation:
        return "/api/v1/audit", "the installation", resolve(connection, ["token"])
    target = resolve(connection, ["token", "project"])
    return f"/api/v1/projects/{segment(target.project, '--project')}/audit", target.project, target


def _moment(option: str, text: str | None) -> str | None:
    """Return a moment in UTC; one without a zone is meant in the zone of this machine."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise BadInput.at(
            option, f"expected a moment such as 2026-11-20T12:00Z, got {text!r}"
        ) from None


def _read(body: bytes) -> RecordView:
    try:
        return decode(body, RecordView)
    except BadInput as error:
        raise CommandFailed(f"The origin gave no record that can be read: {error}") from None
