"""A flag as the management API shows it, and how it is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from rich.table import Table
from rich.text import Text

from pennon.cli.evaluations_view import EvaluationsView, requested_phrase, served_phrases
from pennon.cli.phrases import (
    off_phrase,
    requires_phrase,
    rule_phrase,
    serve_phrase,
    serves_phrase,
    target_phrase,
)
from pennon.model.flag import Flag


class FlagView(Flag, frozen=True, kw_only=True):
    """A flag with what only the control plane knows, as far as it is drawn."""

    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    propagation: str | None = None
    last_requested_at: datetime | None = None
    status: str = ""
    stale: bool = False


def flag_table(flags: Iterable[FlagView]) -> Table:
    """Return a row for each flag."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("KEY", "TYPE", "STATE", "SERVES", "STATUS", "REQUESTED", "TAGS"):
        table.add_column(heading, overflow="fold")
    for flag in flags:
        table.add_row(
            flag.key,
            flag.type,
            _state(flag),
            Text(serves_phrase(flag)),
            f"{flag.status}, stale" if flag.stale else flag.status,
            requested_phrase(flag.last_requested_at),
            ", ".join(flag.tags),
        )
    return table


def flag_text(flag: FlagView, environment: str, evaluations: EvaluationsView | None = None) -> Text:
    """Return all that decides what *flag* serves, in the order in which it is asked."""
    text = Text()
    text.append(flag.key, style="bold")
    text.append(f"  {flag.type}, ")
    text.append_text(_state(flag))
    text.append(f" in {environment}, version {flag.version}\n")
    if flag.description:
        text.append(f"{flag.description}\n", style="dim")
    variations = [
        f"{variation.name} = {msgspec.json.encode(variation.value).decode()}"
        for variation in flag.variations
    ]
    _section(text, "variations", variations)
    _section(text, "while off", [off_phrase(flag)])
    _section(text, "requires", map(requires_phrase, flag.requires))
    _section(text, "targets", map(target_phrase, flag.targets))
    _section(text, "rules", map(rule_phrase, flag.rules), numbered=True)
    _section(text, "otherwise", [serve_phrase(flag.default)])
    _section(text, "tags", [", ".join(flag.tags)] if flag.tags else [])
    if evaluations is not None:
        _section(text, "requested", [requested_phrase(evaluations.last_requested_at)])
        _section(text, "last 24 h", served_phrases(evaluations))
    return text


def _state(flag: Flag) -> Text:
    return Text("on", style="green") if flag.enabled else Text("off", style="dim")


def _section(text: Text, name: str, lines: Iterable[str], *, numbered: bool = False) -> None:
    for number, line in enumerate(lines, start=1):
        text.append(f"  {name if number == 1 else '':<12}", style="dim")
        text.append(f"{number}. {line}\n" if numbered else f"{line}\n")
