"""An event as the management API shows it, and how it is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from rich.table import Table
from rich.text import Text

from pennon.model.flag import Wire


class EventView(Wire, frozen=True, kw_only=True):
    """An exposure or a custom event, as far as it is drawn."""

    kind: str
    at: datetime
    units: dict[str, str] = {}
    flag: str | None = None
    variation: str | None = None
    rule_id: str | None = None
    name: str | None = None
    value: float | None = None
    properties: dict[str, Any] = {}


def event_table(events: Iterable[EventView]) -> Table:
    """Return a row for each event."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("WHEN", "KIND", "WHAT", "WHOSE", "SAYS"):
        table.add_column(heading, overflow="fold")
    for event in events:
        table.add_row(
            event.at.strftime("%Y-%m-%d %H:%M:%SZ"),
            Text(event.kind),
            Text(event.flag or event.name or ""),
            Text(", ".join(f"{kind}:{key}" for kind, key in event.units.items())),
            Text(_says(event)),
        )
    return table


def _says(event: EventView) -> str:
    if event.variation is not None:
        return f"{event.variation}, by {f'rule {event.rule_id}' if event.rule_id else 'default'}"
    said = [] if event.value is None else [f"{event.value:g}"]
    said += [
        f"{name}={msgspec.json.encode(value).decode()}" for name, value in event.properties.items()
    ]
    return " ".join(said)
