"""What is said of a flag: its definition in the project, its targeting in an environment."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from pennon.model.flag import FlagType, Track
from pennon.model.strict import ClientSide, Prerequisite, Rule, Serve, Target, Variation
from pennon.origin.schemas import (
    ArchivedQuery,
    Description,
    Input,
    ItemKey,
    Moment,
    Name,
    Tags,
    View,
)
from pennon.origin.sorting import Sort

FlagSort = Sort | Literal["lastRequestedAt", "-lastRequestedAt"]

Status = Literal["new", "active", "launched", "inactive"]
"""Where a flag stands in an environment; `pennon.origin.flags.lifecycle` says what each means."""


class Described(Input, frozen=True, kw_only=True):
    """What is said of a flag, whatever it serves."""

    name: Name = ""
    description: Description = ""
    tags: Tags = ()
    owner: Name = ""
    temporary: bool = False
    client_side: ClientSide = ClientSide()
    metadata: dict[str, str | int | float | bool] = {}


class FlagQuery(ArchivedQuery, frozen=True, kw_only=True):
    """
    Which flags a list shows, and in which order; `q` is searched for in keys and texts.

    `tag` may be repeated: all are meant. An environment's list knows whether a flag is on there,
    a project's whether it is on in any of its environments that the reader may see. The same
    goes for `status`; `stale` is in a project what is so in all of them. What was never requested
    was so before any time.
    """

    tag: tuple[str, ...] = ()
    owner: str | None = None
    type: FlagType | None = None
    state: Literal["on", "off", "archived"] | None = None
    temporary: bool | None = None
    requested: bool | None = None
    requested_before: Moment | None = None
    requested_since: Moment | None = None
    status: Status | None = None
    stale: bool | None = None
    sort: FlagSort = "key"


class Definition(Described, frozen=True, kw_only=True):
    """The editable part of a flag that all environments share."""

    variations: tuple[Variation, ...]
    archived: bool = False


class Outline(Described, frozen=True, kw_only=True):
    """
    A flag as its project has it. A boolean flag without variations gets `off` and `on`.

    `off` and `default` are what it starts with in every environment, also one created later.
    """

    type: FlagType
    variations: tuple[Variation, ...] = ()
    off: str | UnsetType | None = UNSET
    default: Serve | UnsetType = UNSET


class NewFlag(Outline, frozen=True, kw_only=True):
    """A flag to create: its key, and what its project has of it."""

    key: ItemKey


class Targeting(Input, frozen=True, kw_only=True):
    """The editable part of a flag that each environment has for itself."""

    enabled: bool
    off: str | None = None
    requires: tuple[Prerequisite, ...] = ()
    targets: tuple[Target, ...] = ()
    rules: tuple[Rule, ...] = ()
    default: Serve
    track: Track = "none"


class DefinitionView(View, frozen=True, kw_only=True):
    """A flag as its project has it."""

    key: str
    project: str
    type: FlagType
    name: str
    description: str
    tags: tuple[str, ...]
    owner: str
    temporary: bool
    variations: tuple[Variation, ...]
    client_side: ClientSide
    metadata: dict[str, Any]
    archived: bool
    created_at: datetime
    updated_at: datetime


class FlagView(DefinitionView, frozen=True, kw_only=True):
    """
    A flag in an environment.

    `version` is that of its last change there; `propagation` is where to ask who has it.
    """

    environment: str
    enabled: bool
    off: str | None
    requires: tuple[Prerequisite, ...]
    targets: tuple[Target, ...]
    rules: tuple[Rule, ...]
    default: Serve
    track: Track
    version: int
    propagation: str


class ListedDefinition(DefinitionView, frozen=True, kw_only=True):
    """
    A flag in its project's list, and what is known of its use in environments that you may see.

    `lastRequestedAt` is null where it was never asked for; it is `stale` if it is so in all.
    """

    last_requested_at: datetime | None
    stale: bool


class ListedFlag(FlagView, frozen=True, kw_only=True):
    """A flag in an environment's list, and what is known of its use there."""

    last_requested_at: datetime | None
    status: Status
    stale: bool


class DefinitionPage(View, frozen=True, kw_only=True):
    """Flags in the order asked for, and the cursor of the next page where there is one."""

    items: tuple[ListedDefinition, ...]
    next: str | None


class FlagPage(View, frozen=True, kw_only=True):
    """An environment's flags in the order asked for, and the cursor of the next page if any."""

    items: tuple[ListedFlag, ...]
    next: str | None
