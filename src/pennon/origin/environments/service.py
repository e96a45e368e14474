"""Creates, reads and changes environments."""

from __future__ import annotations

from sqlalchemy import Connection

from pennon.errors import AlreadyExists
from pennon.model.access import AccessEnvironment
from pennon.model.position import ACCESS
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments import queries
from pennon.origin.environments.schemas import (
    EnvironmentPage,
    EnvironmentText,
    EnvironmentView,
    NewEnvironment,
)
from pennon.origin.flags.opening import open_flags
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.projects.queries import lock_project, require_project
from pennon.origin.schemas import ListQuery, full_name, moment
from pennon.origin.segments.opening import open_segments
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags

_ELSEWHERE = {"key": "an environment's key cannot be changed"}


def create(
    transaction: Transaction, project: str, new: NewEnvironment, author: Author
) -> EnvironmentView:
    """
    Create an environment with every flag, switched off, and every segment of its project.

    Raises NotFound and AlreadyExists.
    """
    connection = transaction.connection
    lock_project(connection, project)
    if queries.find(connection, project, new.key) is not None:
        raise AlreadyExists("environment", new.key)
    name = full_name(project, new.key)
    queries.add(connection, name, project, new.key, new.name, new.description, transaction.now)
    transaction.lock([ACCESS, name])
    transaction.publish(ACCESS, "environment", name, AccessEnvironment(key=name))
    open_segments(transaction, project, name)
    open_flags(transaction, project, name)
    view = find(connection, project, new.key)
    record(
        transaction,
        author,
        project,
        "environment.created",
        f"environment/{new.key}",
        environment=name,
        after=EnvironmentText(name=new.name, description=new.description),
    )
    return view


def find(connection: Connection, project: str, environment: str) -> EnvironmentView:
    """Return an environment. Raises NotFound."""
    return _view(queries.require_environment(connection, project, environment))


def list_environments(connection: Connection, project: str, asked: ListQuery) -> EnvironmentPage:
    """Return a page of a project's environments. Raises NotFound."""
    require_project(connection, project)
    rows, following = cut(queries.list_page(connection, project, asked), asked, "key")
    return EnvironmentPage(items=tuple(map(_view, rows)), next=following)


def change(
    transaction: Transaction,
    project: str,
    environment: str,
    patch: MergePatch,
    author: Author,
    if_match: Tags = ANY,
) -> EnvironmentView:
    """
    Change what is said of an environment, which no follower is told.

    Raises NotFound, BadInput and PreconditionFailed.
    """
    connection = transaction.connection
    lock_project(connection, project)
    before = find(connection, project, environment)
    if_match.check(before)
    text = EnvironmentText(name=before.name, description=before.description)
    new = patched(text, patch, _ELSEWHERE)
    if new == text:
        return before
    name = full_name(project, environment)
    queries.change(connection, name, new.name, new.description, transaction.now)
    record(
        transaction,
        author,
        project,
        "environment.updated",
        f"environment/{environment}",
        environment=name,
        before=text,
        after=new,
    )
    return find(connection, project, environment)


def _view(row: AnyRow) -> EnvironmentView:
    return EnvironmentView(
        key=row.key,
        project=row.project,
        name=row.name,
        description=row.description,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )
