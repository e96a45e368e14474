"""Creates, reads, changes and archives environments."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import asdict
from sqlalchemy import Connection

from pennon.errors import AlreadyExists, Conflict
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments import queries
from pennon.origin.environments.offering import offer, take_back
from pennon.origin.environments.schemas import (
    Approvals,
    EnvironmentDefinition,
    EnvironmentPage,
    EnvironmentView,
    NewEnvironment,
)
from pennon.origin.flags.opening import open_flags
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.projects.queries import lock_editable_project, require_project
from pennon.origin.schemas import ArchivedQuery, full_name, moment
from pennon.origin.segments.opening import open_segments
from pennon.origin.words import CREATED, described
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags
from pennon.web.permissions import Principal

_ELSEWHERE = {"key": "an environment's key cannot be changed"}


def create(
    transaction: Transaction, project: str, new: NewEnvironment, author: Author
) -> EnvironmentView:
    """
    Create an environment with every flag, switched off, and every segment of its project.

    Raises NotFound and AlreadyExists, and Conflict when the project is archived.
    """
    connection = transaction.connection
    lock_editable_project(connection, project)
    if queries.find(connection, project, new.key) is not None:
        raise AlreadyExists("environment", new.key)
    name = full_name(project, new.key)
    queries.add(connection, name, project, new.key, new.name, new.description, transaction.now)
    transaction.start(name)
    offer(transaction, name)
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
        after=EnvironmentDefinition(name=new.name, description=new.description),
        summary=CREATED,
    )
    return view


def find(connection: Connection, project: str, environment: str) -> EnvironmentView:
    """Return an environment. Raises NotFound."""
    return _view(queries.require_environment(connection, project, environment))


def list_environments(
    connection: Connection, project: str, asked: ArchivedQuery, reader: Principal
) -> EnvironmentPage:
    """Return a page of those of a project's environments that *reader* may see. Raises NotFound."""
    require_project(connection, project)
    found = queries.list_page(connection, project, asked, reader.scope_of("viewer"))
    rows, following = cut(found, asked, "key")
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
    Change what is said of an environment; archive it, or bring it back.

    No follower is told of a name or a description. An archived environment is taken from every
    edge; what it holds and its versions stay, and changes to its project's flags still reach
    it, so that it comes back as it must be by then.
    Raises NotFound, BadInput, PreconditionFailed and Conflict.
    """
    connection = transaction.connection
    lock_editable_project(connection, project)
    before = find(connection, project, environment)
    if_match.check(before)
    old = EnvironmentDefinition(
        name=before.name,
        description=before.description,
        archived=before.archived,
        approvals=before.approvals,
    )
    new = patched(old, patch, _ELSEWHERE)
    if new == old:
        return before
    name = full_name(project, environment)
    if old.archived and new.archived:
        raise Conflict(f"The environment {name!r} is archived. Set `archived` to false first.")
    if new.archived:
        take_back(transaction, name)
    elif old.archived:
        offer(transaction, name)
    values = {**asdict(new), "approvals": new.approvals.required, "updated_at": transaction.now}
    queries.change(connection, name, values)
    record(
        transaction,
        author,
        project,
        _action(old, new),
        f"environment/{environment}",
        environment=name,
        before=old,
        after=new,
        summary=tuple(_told(old, new)),
    )
    return find(connection, project, environment)


def _action(old: EnvironmentDefinition, new: EnvironmentDefinition) -> str:
    if old.archived == new.archived:
        return "environment.updated"
    return "environment.archived" if new.archived else "environment.unarchived"


def _told(old: EnvironmentDefinition, new: EnvironmentDefinition) -> Iterator[str]:
    yield from described(old, new)
    required = new.approvals.required
    if required != old.approvals.required:
        yield f"a change needs {required} {'approval' if required == 1 else 'approvals'}"


def _view(row: AnyRow) -> EnvironmentView:
    return EnvironmentView(
        key=row.key,
        project=row.project,
        name=row.name,
        description=row.description,
        archived=row.archived,
        approvals=Approvals(required=row.approvals),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )
