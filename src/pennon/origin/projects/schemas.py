"""What is said of a project."""

from __future__ import annotations

from datetime import datetime

from pennon.origin.schemas import Description, Input, Name, Slug, View


class ProjectText(Input, frozen=True, kw_only=True):
    """The editable part of a project."""

    name: Name = ""
    description: Description = ""


class NewProject(ProjectText, frozen=True, kw_only=True):
    """A project to create."""

    key: Slug


class ProjectView(View, frozen=True, kw_only=True):
    """A project."""

    key: str
    name: str
    description: str
    created_at: datetime
    updated_at: datetime


class ProjectPage(View, frozen=True, kw_only=True):
    """Projects in order of their keys, and the cursor of the next page where there is one."""

    items: tuple[ProjectView, ...]
    next: str | None
