"""Creates, reads, changes and archives projects."""

from __future__ import annotations

from msgspec.structs import asdict
from sqlalchemy import Connection

from pennon.errors import AlreadyExists, Conflict
from pennon.origin.audit.log import record
from pennon.origin.audit.queries import start_chain
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.offering import offer, take_back
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.projects import queries
from pennon.origin.projects.schemas import NewProject, ProjectDefinition, ProjectPage, ProjectView
from pennon.origin.schemas import ArchivedQuery, moment
from pennon.origin.words import CREATED, described
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags
from pennon.web.permissions import Principal

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
        after=ProjectDefinition(name=new.name, description=new.description),
        summary=CREATED,
    )
    return find(connection, new.key)


def find(connection: Connection, project: str) -> ProjectView:
    """Return a project. Raises NotFound."""
    return _view(queries.require_project(connection, project))


def list_projects(connection: Connection, asked: ArchivedQuery, reader: Principal) -> ProjectPage:
    """Return a page of the projects of which *reader* may see something."""
    found = queries.list_page(connection, asked, reader.scope_of("viewer"))
    rows, following = cut(found, asked, "key")
    return ProjectPage(items=tuple(map(_view, rows)), next=following)


def change(
    transaction: Transaction,
    project: str,
    patch: MergePatch,
    author: Author,
    if_match: Tags = ANY,
) -> ProjectView:
    """
    Change what is said of a project; archive it, or bring it back.

    An archived project takes its environments from every edge; those that were not archived
    by themselves come back with it. Raises NotFound, BadInput, PreconditionFailed and Conflict.
    """
    connection = transaction.connection
    row = queries.lock_project(connection, project)
    before = _view(row)
    if_match.check(before)
    old = ProjectDefinition(name=row.name, description=row.description, archived=row.archived)
    new = patched(old, patch, _ELSEWHERE)
    if new == old:
        return before
    if old.archived and new.archived:
        raise Conflict(f"The project {project!r} is archived. Set `archived` to false first.")
    if new.archived:
        take_back(transaction, *queries.unarchived_environments_of(connection, project))
    elif old.archived:
        offer(transaction, *queries.unarchived_environments_of(connection, project))
    queries.change(connection, project, {**asdict(new), "updated_at": transaction.now})
    record(
        transaction,
        author,
        project,
        _action(old, new),
        f"project/{project}",
        before=old,
        after=new,
        summary=tuple(described(old, new)),
    )
    return find(connection, project)


def _action(old: ProjectDefinition, new: ProjectDefinition) -> str:
    if old.archived == new.archived:
        return "project.updated"
    return "project.archived" if new.archived else "project.unarchived"


def _view(row: AnyRow) -> ProjectView:
    return ProjectView(
        key=row.key,
        name=row.name,
        description=row.description,
        archived=row.archived,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )
