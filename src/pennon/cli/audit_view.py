"""An audit record as the management API shows it, and how it is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from rich.table import Table
from rich.text import Text

from pennon.model.flag import Wire
from pennon.origin.differences import differences

_PLAIN_NAME = re.compile(r'\["(\w+)"\]')


class ActorView(Wire, frozen=True, kw_only=True):
    """Who made a change, and from which address."""

    id: str
    name: str = ""
    address: str = ""


class RecordView(Wire, frozen=True, kw_only=True):
    """A record, as far as it is drawn."""

    sequence: int
    at: datetime
    actor: ActorView
    action: str
    resource: str
    environment: str | None = None
    before: Any = None
    after: Any = None
    comment: str | None = None
    summary: tuple[str, ...] = ()
    versions: dict[str, int] = {}
    previous: str = ""
    hash: str = ""


def record_table(records: Iterable[RecordView]) -> Table:
    """Return a row for each record."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("NUMBER", "WHEN", "WHO", "FROM", "WHAT", "ON", "IN", "WHY"):
        table.add_column(heading, overflow="fold")
    for record in records:
        table.add_row(
            str(record.sequence),
            _time(record),
            Text(record.actor.name or record.actor.id),
            Text(record.actor.address),
            Text("; ".join(record.summary) or record.action),
            Text(record.resource),
            Text(_environment(record)),
            Text(record.comment or ""),
        )
    return table


def record_text(record: RecordView, log: str) -> Text:
    """Return all that a record says, with what is different between before and after."""
    text = Text()
    text.append(f"{record.action} {record.resource}", style="bold")
    text.append(f", record {record.sequence} of {log}\n")
    _section(text, "when", [_time(record)])
    who = f"{record.actor.name} ({record.actor.id})" if record.actor.name else record.actor.id
    _section(text, "who", [who])
    _section(text, "from", [record.actor.address] if record.actor.address else [])
    _section(text, "in", [record.environment] if record.environment else [])
    _section(text, "why", (record.comment or "").splitlines())
    _section(text, "what", record.summary)
    _section(text, "changes", _changes(record))
    _section(text, "versions", [f"{name} {number}" for name, number in record.versions.items()])
    _section(text, "hash", [record.hash])
    _section(text, "follows", [record.previous])
    return text


def _changes(record: RecordView) -> Iterator[str]:
    if record.before is None or record.after is None:
        made = "now" if record.before is None else "before"
        yield f"{made} {_json(record.after if record.before is None else record.before)}"
        return
    for one in differences(record.before, record.after):
        place = _PLAIN_NAME.sub(r".\1", one.path).removeprefix("$").removeprefix(".")
        yield f"{place}: {_json(one.before)} → {_json(one.after)}"


def _json(value: object) -> str:
    return "nothing" if value is msgspec.UNSET else msgspec.json.encode(value).decode()


def _time(record: RecordView) -> str:
    return record.at.strftime("%Y-%m-%d %H:%M:%SZ")


def _environment(record: RecordView) -> str:
    return (record.environment or "").rpartition("/")[2]


def _section(text: Text, name: str, lines: Iterable[str]) -> None:
    for number, line in enumerate(lines):
        text.append(f"  {name if number == 0 else '':<10}", style="dim")
        text.append(f"{line}\n")
