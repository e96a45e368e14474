"""`pennon flag copy`: from one environment to another, once the difference was seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import App, Parameter
from rich.text import Text

from pennon.cli.asking import agreed
from pennon.cli.client import FlagsClient
from pennon.cli.connection import Connection, resolve
from pennon.cli.errors import CommandFailed
from pennon.cli.history_view import DifferenceView, difference_lines
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import Wire

Part = Literal["enabled", "off", "requires", "targets", "rules", "default", "track"]


class CopiedView(Wire, frozen=True, kw_only=True):
    """What copying changes, as far as it is shown."""

    versions: dict[str, int]
    diff: tuple[DifferenceView, ...] = ()
    propagation: str = ""


def register(group: App) -> None:
    """Add the command to `pennon flag`."""
    group.command(copy)


def copy(
    flag_key: str,
    /,
    *,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    to: str,
    include: Annotated[tuple[Part, ...], Parameter(name="--include")] = (),
    yes: Annotated[bool, Parameter(negative="", alias="-y")] = False,
    comment: Annotated[str | None, Parameter(help="Why, for the audit log.")] = None,
    where: Annotated[Connection | None, Parameter(name="*")] = None,
    json: Json = False,
) -> None:
    """
    Serve in one environment whom a flag serves in another, once you have seen the difference.

    Parameters
    ----------
    flag_key
        The flag's key.
    from_
        The environment to copy from; by default --environment.
    to
        The environment to copy to.
    include
        Copy only this part; say it again for each. By default all are copied.
    yes
        Copy without asking.
    """
    connection = where or Connection()
    target = resolve(replace(connection, environment=from_ or connection.environment))
    asked: dict[str, Any] = {"to": to, **({"include": include} if include else {})}
    with FlagsClient(target) as client:
        body = client.copy(flag_key, {**asked, "dryRun": True})
        seen = _read(body)
        there = f"{target.project}/{to}"
        if not json:
            print_text(_difference_text(seen, flag_key, target.environment, there))
        if seen.diff and (yes or (not json and agreed(f"Copy this to {there}?"))):
            body = client.copy(flag_key, {**asked, "versions": seen.versions}, comment)
        elif seen.diff and not json:
            raise CommandFailed("Nothing was copied.")
        if json:
            print_json(msgspec.Raw(body))
        elif seen.diff:
            done = _read(body)
            print_text(f"{flag_key} is so in {there} since version {done.versions['to']}.")
            print_text(f"Who has it: {client.absolute(done.propagation)}")


def _difference_text(seen: CopiedView, flag: str, source: str, target: str) -> Text:
    text = Text()
    text.append(flag, style="bold")
    text.append(f" from {source} to {target}\n")
    if not seen.diff:
        text.append("  nothing is different\n")
    return text.append_text(difference_lines(seen.diff))


def _read(body: bytes) -> CopiedView:
    try:
        return decode(body, CopiedView)
    except BadInput as error:
        raise CommandFailed(f"The origin gave no difference that can be read: {error}") from None
