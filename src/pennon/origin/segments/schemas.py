"""What is said of a segment: its definition in the project, its membership in an environment."""

from __future__ import annotations

from datetime import datetime

from pennon.model.strict import External, Members, SegmentRule
from pennon.origin.schemas import Description, Input, ItemKey, Name, Tags, View


class Described(Input, frozen=True, kw_only=True):
    """What is said of a segment, whoever belongs to it."""

    name: Name = ""
    description: Description = ""
    tags: Tags = ()


class SegmentDefinition(Described, frozen=True, kw_only=True):
    """The editable part of a segment that all environments share."""

    archived: bool = False


class NewSegment(Described, frozen=True, kw_only=True):
    """A segment to create; it starts without members in every environment."""

    key: ItemKey


class Membership(Input, frozen=True, kw_only=True):
    """
    The editable part of a segment that each environment has for itself.

    With `external`, its members of that kind are kept beside it, as many as ten million.
    """

    include: tuple[Members, ...] = ()
    exclude: tuple[Members, ...] = ()
    rules: tuple[SegmentRule, ...] = ()
    external: External | None = None


class SegmentDefinitionView(View, frozen=True, kw_only=True):
    """A segment as its project has it."""

    key: str
    project: str
    name: str
    description: str
    tags: tuple[str, ...]
    archived: bool
    created_at: datetime
    updated_at: datetime


class SegmentView(SegmentDefinitionView, frozen=True, kw_only=True):
    """
    A segment in an environment.

    `version` is that of its last change there; `propagation` is where to ask who has it.
    """

    environment: str
    include: tuple[Members, ...]
    exclude: tuple[Members, ...]
    rules: tuple[SegmentRule, ...]
    external: External | None
    version: int
    propagation: str


class SegmentDefinitionPage(View, frozen=True, kw_only=True):
    """Segments in order of their keys, and the cursor of the next page where there is one."""

    items: tuple[SegmentDefinitionView, ...]
    next: str | None


class SegmentPage(View, frozen=True, kw_only=True):
    """An environment's segments in order of their keys, and the cursor of the next page if any."""

    items: tuple[SegmentView, ...]
    next: str | None
