"""Versions and what they differ in, as the management API tells them, and how they are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType, field
from rich.table import Table
from rich.text import Text

from pennon.model.flag import Wire


class ByView(Wire, frozen=True, kw_only=True):
    """Who made a version."""

    name: str = ""


class VersionView(Wire, frozen=True, kw_only=True):
    """A version in a list."""

    version: int
    at: datetime
    by: ByView | None = None
    action: str | None = None
    comment: str | None = None
    summary: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class DifferenceView(Wire, frozen=True, kw_only=True):
    """One place that is different."""

    path: str
    before: Any | UnsetType = UNSET
    after: Any | UnsetType = UNSET


class DiffView(Wire, frozen=True, kw_only=True):
    """What two versions differ in; no `from_` before the first."""

    from_: int | None = field(name="from", default=None)
    to: int
    items: tuple[DifferenceView, ...] = ()


class RolledBackView(Wire, frozen=True, kw_only=True):
    """What came of a rollback, and what is still different from where it went back to."""

    version: int
    restored: int
    remaining: tuple[DifferenceView, ...] = ()
    propagation: str = ""


def version_table(versions: Iterable[VersionView]) -> Table:
    """Return a row for each version."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("VERSION", "AT", "BY", "WHAT", "WHY"):
        table.add_column(heading, overflow="fold")
    for one in versions:
        table.add_row(
            str(one.version),
            one.at.strftime("%Y-%m-%d %H:%M:%SZ"),
            Text(one.by.name if one.by else ""),
            Text(_what(one)),
            Text(one.comment or ""),
        )
    return table


def diff_text(diff: DiffView, flag: str, environment: str) -> Text:
    """Return a line for each difference."""
    since = "the first" if diff.from_ is None else f"version {diff.from_} to"
    text = Text()
    text.append(flag, style="bold")
    text.append(f" in {environment}, {since} version {diff.to}\n")
    if not diff.items:
        text.append("  nothing is different\n")
    return text.append_text(difference_lines(diff.items))


def remaining_text(done: RolledBackView) -> Text:
    """Return what a rollback has left alone."""
    text = Text(f"What belongs to the project stays; since version {done.restored} it changed:\n")
    return text.append_text(difference_lines(done.remaining))


def _what(version: VersionView) -> str:
    """Return what was done: in the log's sentences, else by the fields that changed."""
    if version.summary:
        return "; ".join(version.summary)
    done = (version.action or "").rpartition(".")[2]
    return f"{done}: {', '.join(version.changed)}" if version.changed else done


def difference_lines(differences: Iterable[DifferenceView]) -> Text:
    """Return a line for each difference: ``+`` came, ``-`` went, ``~`` changed."""
    text = Text()
    for one in differences:
        path = one.path.removeprefix("$.")
        if one.before is UNSET:
            text.append(f"  + {path}: {_json(one.after)}\n", style="green")
        elif one.after is UNSET:
            text.append(f"  - {path}: {_json(one.before)}\n", style="red")
        else:
            text.append(f"  ~ {path}: {_json(one.before)} → {_json(one.after)}\n")
    return text


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
