"""What is asked of the history, and what it answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Raw, UnsetType, field

from pennon.model.position import Epoch, Version
from pennon.origin.authors import Comment
from pennon.origin.differences import Difference
from pennon.origin.schemas import Input, View


class VersionsQuery(Input, frozen=True, kw_only=True):
    """A page of versions, newest first."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: str | None = None


class DiffQuery(Input, frozen=True, kw_only=True):
    """Two versions of the environment; by default the newest change."""

    from_: Version | None = field(name="from", default=None)
    to: Version | None = None


class DatafileQuery(Input, frozen=True, kw_only=True):
    """A `version` of the environment, or the time `at` (ISO 8601, with its offset)."""

    version: Version | None = None
    at: Annotated[str, Meta(max_length=64)] | None = None


class Rollback(Input, frozen=True, kw_only=True):
    """Where to go back to: a version of the environment. `comment` goes into the audit log."""

    version: Version
    comment: Comment | None = None


class By(View, frozen=True, kw_only=True):
    """Who made a version."""

    id: str
    name: str


class VersionEntry(View, frozen=True, kw_only=True):
    """
    One version of a flag or a segment in an environment.

    `summary` says in sentences what was done, `changed` which of its fields became different;
    `by`, `action` and `comment` are those of the audit record.
    """

    version: int
    at: datetime
    by: By | None
    action: str | None
    comment: str | None
    summary: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: bool


class VersionPage(View, frozen=True, kw_only=True):
    """Versions, newest first, and the cursor of the next page where there is one."""

    items: tuple[VersionEntry, ...]
    next: str | None


class VersionView(VersionEntry, frozen=True, kw_only=True):
    """A version whole: `item` is what was published, `null` where it was deleted."""

    item: Raw


class Diff(View, frozen=True, kw_only=True):
    """What is different between the versions `from` and `to`; no `from` before the first."""

    from_: int | UnsetType = field(name="from", default=UNSET)
    to: int
    items: tuple[Difference, ...]


class RolledBack(View, frozen=True, kw_only=True):
    """
    A version that restores an earlier one; `restored` is that one's number.

    `remaining` is what is still different from it: the part that belongs to the project, which
    a rollback in one environment leaves alone.
    """

    version: int
    restored: int
    remaining: tuple[Difference, ...]
    propagation: str


class DatafileContent(View, frozen=True, kw_only=True):
    """What an environment held at one version, byte for byte, and the digest of it."""

    environment: str
    epoch: Epoch
    version: Version
    digest: str
    flags: dict[str, Raw]
    segments: dict[str, Raw]


class DatafileView(View, frozen=True, kw_only=True):
    """The envelope that nodes exchange; `committedAt` is when the version was made, epoch ms."""

    datafile: DatafileContent
    shrink_allowed: bool
    committed_at: int
