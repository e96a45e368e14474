"""`pennon flag list`: the flags of an environment, searched, filtered and sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from cyclopts import App, Parameter

from pennon.cli.client import FlagsClient
from pennon.cli.connection import Connection, resolve
from pennon.cli.errors import CommandFailed
from pennon.cli.flag_view import FlagView, flag_table
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import FlagType

State = Literal["on", "off", "archived"]
Status = Literal["new", "active", "launched", "inactive"]
Sort = Literal[
    "key",
    "-key",
    "createdAt",
    "-createdAt",
    "updatedAt",
    "-updatedAt",
    "lastRequestedAt",
    "-lastRequestedAt",
]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which flags are listed: those that meet all that is said."""

    q: str | None = None
    """List only flags whose key, name, description, owner or tags hold this text."""

    tag: Annotated[tuple[str, ...], Parameter(name="--tag")] = ()
    """List only flags with this tag; say it again for each that they shall have."""

    owner: str | None = None
    """List only the flags of this owner."""

    type: FlagType | None = None
    """List only flags of this type."""

    state: State | None = None
    """List only flags that are on, or off, or archived."""

    temporary: bool | None = None
    """List only flags that are to go one day, or with --no-temporary those that stay."""

    requested: bool | None = None
    """List only flags that were ever asked for, or with --no-requested those that never were."""

    requested_before: str | None = None
    """List only flags not asked for since a time, such as 2026-10-01T00:00:00Z."""

    requested_since: str | None = None
    """List only flags asked for since a time."""

    status: Status | None = None
    """List only flags that are new, active, launched or inactive there."""

    stale: bool | None = None
    """List only flags that could go, or with --no-stale the others."""

    def query(self) -> dict[str, str | tuple[str, ...] | None]:
        """Return them as the API has them."""
        return {
            "q": self.q,
            "tag": self.tag,
            "owner": self.owner,
            "type": self.type,
            "state": self.state,
            "temporary": _truth(self.temporary),
            "requested": _truth(self.requested),
            "requestedBefore": self.requested_before,
            "requestedSince": self.requested_since,
            "status": self.status,
            "stale": _truth(self.stale),
        }


def _truth(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


def register(group: App) -> None:
    """Add the command to `pennon flag`."""
    group.command(list_, name="list")


def list_(
    *,
    filters: Annotated[Filters | None, Parameter(name="*")] = None,
    sort: Annotated[Sort, Parameter(allow_leading_hyphen=True)] = "key",
    limit: int | None = None,
    where: Annotated[Connection | None, Parameter(name="*")] = None,
    json: Json = False,
) -> None:
    """
    List the flags, and what each serves.

    Parameters
    ----------
    sort
        What they are in order of; with a minus sign the last comes first.
    limit
        List at most so many; by default all.
    """
    if limit is not None and limit < 1:
        raise BadInput.at("--limit", f"expected 1 or more, got {limit}")
    target = resolve(where or Connection())
    wanted = filters or Filters()
    with FlagsClient(target) as client:
        flags = list(client.list({**wanted.query(), "sort": sort}, limit))
    if json:
        print_json({"items": [msgspec.Raw(flag) for flag in flags]})
    elif flags:
        print_text(flag_table(map(read_flag, flags)))
    else:
        name = f"{target.project}/{target.environment}"
        print_text(f"{name} has no flag." if wanted == Filters() else f"No flag of {name} matches.")


def read_flag(body: bytes) -> FlagView:
    """Return a flag as the API shows it. Raises CommandFailed when it is none."""
    try:
        return decode(body, FlagView)
    except BadInput as error:
        raise CommandFailed(f"The origin gave no flag that can be read: {error}") from None
