"""Creates, reads and changes projects."""

from __future__ import annotations

from sqlalchemy import Connection

from pennon.errors import AlreadyExists
from pennon.origin.audit.log import record
from pennon.origin.audit.queries import start_chain
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.projects import queries
from pennon.origin.projects.schemas import NewProject, ProjectPage, ProjectText, ProjectView
from pennon.origin.schemas import ListQuery, moment
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags

_ELSEWHERE = {"key": "a project's key cannot be changed"}


def create(transaction: Transaction, new: NewProject, author: Author) -> ProjectView:
    """Create a project without environments. Raises AlreadyExists."""
    connection = transaction.connection
    if queries.find(connection, new.key) is not None:
        raise AlreadyExists("project", new.key)
    queries.add(connection, new.key, new.name, new.description, transaction.now)
    start_chain(connection, new.key)
    record(
        transaction,
        author,
        new.key,
        "project.created",
        f"project/{new.key}",
        after=ProjectText(name=new.name, description=new.description),
    )
    return find(connection, new.key)


def find(connection: Connection, project: str) -> ProjectView:
    """Return a project. Raises NotFound."""
    return _view(queries.require_project(connection, project))


def list_projects(connection: Connection, asked: ListQuery) -> ProjectPage:
    """Return a page of projects."""
    rows, following = cut(queries.list_page(connection, asked), asked, "key")
    return ProjectPage(items=tuple(map(_view, rows)), next=following)


def change(
    transaction: Transaction,
    project: str,
    patch: MergePatch,
    author: Author,
    if_match: Tags = ANY,
) -> ProjectView:
    """Change what is said of a project. Raises NotFound, BadInput and PreconditionFailed."""
    connection = transaction.connection
    row = queries.lock_project(connection, project)
    before = _view(row)
    if_match.check(before)
    text = ProjectText(name=row.name, description=row.description)
    new = patched(text, patch, _ELSEWHERE)
    if new == text:
        return before
    queries.change(connection, project, new.name, new.description, transaction.now)
    record(
        transaction,
        author,
        project,
        "project.updated",
        f"project/{project}",
        before=text,
        after=new,
    )
    return find(connection, project)


def _view(row: AnyRow) -> ProjectView:
    return ProjectView(
        key=row.key,
        name=row.name,
        description=row.description,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )
