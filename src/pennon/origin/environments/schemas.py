"""What is said of an environment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from pennon.origin.schemas import Description, Input, Name, Slug, View


class Described(Input, frozen=True, kw_only=True):
    """What is said of an environment."""

    name: Name = ""
    description: Description = ""


class Approvals(Input, frozen=True, kw_only=True):
    """How many others must approve a change of targeting; with 0 it needs no request."""

    required: Annotated[int, Meta(ge=0, le=10)] = 0


class EnvironmentDefinition(Described, frozen=True, kw_only=True):
    """The editable part of an environment. No edge serves an archived one; it keeps its flags."""

    archived: bool = False
    approvals: Approvals = Approvals()


class NewEnvironment(Described, frozen=True, kw_only=True):
    """An environment to create."""

    key: Slug


class EnvironmentView(View, frozen=True, kw_only=True):
    """An environment. `archived` is its own; one of an archived project is not served either."""

    key: str
    project: str
    name: str
    description: str
    archived: bool
    approvals: Approvals
    created_at: datetime
    updated_at: datetime


class EnvironmentPage(View, frozen=True, kw_only=True):
    """Environments in order of their keys, and the cursor of the next page if there is one."""

    items: tuple[EnvironmentView, ...]
    next: str | None
