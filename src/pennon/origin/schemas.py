"""What the features' inputs and views have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

# Python's `$` also matches before a last newline, which a key must not end with.
_END: Final = r"$(?!\n)"

Slug = Annotated[str, Meta(pattern=rf"^[a-z0-9][a-z0-9-]{{0,63}}{_END}")]
"""The key of a project or an environment."""

ItemKey = Annotated[str, Meta(pattern=rf"^(?!\.\.?{_END})[A-Za-z0-9._-]{{1,256}}{_END}")]
"""The key of a flag or a segment."""

# PostgreSQL has no text with a NUL; what one database takes, the other takes too.
_TEXT: Final = r"^[^\0]*$"

Name = Annotated[str, Meta(max_length=256, pattern=_TEXT)]
Description = Annotated[str, Meta(max_length=4096, pattern=_TEXT)]
Tag = Annotated[str, Meta(min_length=1, max_length=64, pattern=_TEXT)]
Tags = Annotated[tuple[Tag, ...], Meta(max_length=64)]

Moment = Annotated[datetime, Meta(tz=True)]
"""A time in a request, with its offset."""


class Input(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The base of what is read from a request: an unknown field is an error."""


class View(Struct, frozen=True, kw_only=True, rename="camel"):
    """The base of what is answered: every field is there, also one at its default."""


class ListQuery(Input, frozen=True, kw_only=True):
    """What every list understands; `q` is searched for in keys and texts."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: str | None = None
    q: Annotated[str, Meta(max_length=256)] | None = None


class ArchivedQuery(ListQuery, frozen=True, kw_only=True):
    """A list's query where things can be archived: those that are, or those that are not."""

    archived: bool = False


def moment(milliseconds: int) -> datetime:
    """Return epoch milliseconds as a time, which is written in ISO 8601."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def full_name(project: str, environment: str) -> str:
    """Return the full name of an environment: ``shop/production``."""
    return f"{project}/{environment}"


def short_name(environment: str) -> str:
    """Return the key of an environment within its project."""
    return environment.partition("/")[2]


def propagation_of(environment: str, version: int) -> str:
    """Return where to ask which points of presence have a version (``shop/production``)."""
    project, _, key = environment.partition("/")
    return f"/api/v1/projects/{project}/environments/{key}/versions/{version}/propagation"


def search_text(*parts: str) -> str:
    """Return what `q` is searched for in. PostgreSQL has no text with a NUL."""
    return "\n".join(parts).lower().replace("\0", "")
