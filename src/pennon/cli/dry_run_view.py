"""What a change would do, as a dry run tells it, and how it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from msgspec import UNSET, UnsetType, field
from rich.text import Text

from pennon.cli.errors import CommandFailed
from pennon.cli.history_view import DifferenceView, difference_lines
from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import Wire

DryRun = Annotated[
    bool, Parameter(negative="", help="Change nothing; show what would be, and for whom.")
]


class FaultView(Wire, frozen=True, kw_only=True):
    """Why a change would be refused."""

    path: str
    message: str


class ServedView(Wire, frozen=True, kw_only=True):
    """What a context is served."""

    variation: str | None = None
    value: Any | UnsetType = UNSET


class ExampleView(Wire, frozen=True, kw_only=True):
    """A context that would get another answer."""

    environment: str
    flag: str
    context: dict[str, dict[str, Any]]
    from_: ServedView = field(name="from")
    to: ServedView


class MoveView(Wire, frozen=True, kw_only=True):
    """How many would go from one variation to another."""

    environment: str
    flag: str
    from_: str | None = field(name="from")
    to: str | None
    count: int


class AffectedView(Wire, frozen=True, kw_only=True):
    """Who would be affected."""

    sampled: int
    changed: int
    complete: bool = True
    by_variation: tuple[MoveView, ...] = ()
    examples: tuple[ExampleView, ...] = ()


class DryRunView(Wire, frozen=True, kw_only=True):
    """What a change would do."""

    valid: bool
    errors: tuple[FaultView, ...] = ()
    diff: tuple[DifferenceView, ...] = ()
    sentences: tuple[str, ...] = ()
    affected: AffectedView | None = None


def dry_run_text(body: bytes, flag: str, environment: str) -> Text:
    """Return what a change of *flag* would do. Raises CommandFailed when that cannot be read."""
    try:
        view = decode(body, DryRunView)
    except BadInput as error:
        raise CommandFailed(f"The origin gave no dry run that can be read: {error}") from None
    text = Text()
    text.append(flag, style="bold")
    if not view.valid:
        text.append(f" in {environment} would not be changed:\n")
        for fault in view.errors:
            text.append(f"  {fault.path}: {fault.message}\n", style="red")
        return text
    said = "; ".join(view.sentences) or "nothing is different"
    text.append(f" in {environment}: {said} (a dry run, nothing was changed)\n")
    text.append_text(difference_lines(view.diff))
    if view.affected is not None:
        for line in _affected(view.affected):
            text.append(f"{line}\n")
    return text


def _affected(affected: AffectedView) -> Iterator[str]:
    if affected.sampled == 0:
        yield "Nobody knows who is affected: no edge tells of contexts (--contexts on an edge)."
        return
    yield (
        f"{affected.changed} of {affected.sampled} contexts seen lately would get another answer"
        + ("." if affected.complete else ", of the flags that were looked at; more depend on it.")
    )
    for move in affected.by_variation:
        yield f"  {move.count} × {move.flag}: {_name(move.from_)} → {_name(move.to)}"
    for example in affected.examples:
        yield (
            f"  {_context(example.context)}: {example.flag} "
            f"{_served(example.from_)} → {_served(example.to)}"
        )


def _context(kinds: dict[str, dict[str, Any]]) -> str:
    """Return ``user ada {"plan":"pro"}``, the kinds one after the other."""
    return ", ".join(_kind(kind, dict(attributes)) for kind, attributes in sorted(kinds.items()))


def _kind(kind: str, attributes: dict[str, Any]) -> str:
    named = f"{kind} {attributes.pop('key', '')}"
    return f"{named} {msgspec.json.encode(attributes).decode()}" if attributes else named


def _served(served: ServedView) -> str:
    if served.value is UNSET:
        return _name(served.variation)
    return f"{_name(served.variation)} ({msgspec.json.encode(served.value).decode()})"


def _name(variation: str | None) -> str:
    return "the caller's default" if variation is None else variation
