"""What is said of a project."""

from __future__ import annotations

from datetime import datetime

from pennon.origin.schemas import Description, Input, Name, Slug, View


class _Described(Input, frozen=True, kw_only=True):
    name: Name = ""
    description: Description = ""


class ProjectDefinition(_Described, frozen=True, kw_only=True):
    """The editable part of a project. Nothing in an archived project is served or changes."""

    archived: bool = False


class NewProject(_Described, frozen=True, kw_only=True):
    """A project to create."""

    key: Slug


class ProjectView(View, frozen=True, kw_only=True):
    """A project."""

    key: str
    name: str
    description: str
    archived: bool
    created_at: datetime
    updated_at: datetime


class ProjectPage(View, frozen=True, kw_only=True):
    """Projects in order of their keys, and the cursor of the next page where there is one."""

    items: tuple[ProjectView, ...]
    next: str | None
