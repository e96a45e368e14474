"""Creates, reads and changes the part of a flag that all its environments share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from pennon.errors import AlreadyExists, Conflict, NotFound
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.deletion.queries import refuse_deleted
from pennon.origin.flags import queries, search
from pennon.origin.flags.checks import (
    check_environments,
    check_shared_part,
    fitting_opening,
    refuse_lost_variations,
)
from pennon.origin.flags.definition_words import told_of_definition
from pennon.origin.flags.opening import open_flag
from pennon.origin.flags.parts import (
    decode_definition,
    decode_targeting,
    definition_columns,
    definition_of,
    flag_of,
    opening_of,
)
from pennon.origin.flags.schemas import (
    Definition,
    DefinitionPage,
    DefinitionView,
    FlagQuery,
    NewFlag,
)
from pennon.origin.flags.views import definition_view, listed_definition
from pennon.origin.merge_patch import patched
from pennon.origin.projects.queries import environments_of, lock_editable_project, require_project
from pennon.origin.publication import publish, refuse_if_used, withdraw
from pennon.origin.sorting import sorted_cut
from pennon.origin.words import CREATED
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags
from pennon.web.permissions import Principal

_SALT_BYTES: Final = 8
_ELSEWHERE: Final = {
    "key": "a flag's key cannot be changed",
    "type": "a flag's type cannot be changed; create another flag",
    **dict.fromkeys(
        ("enabled", "off", "requires", "targets", "rules", "default", "track"),
        "belongs to the flag in an environment: "
        "patch /projects/{project}/environments/{environment}/flags/{flag}",
    ),
}


def create(transaction: Transaction, project: str, new: NewFlag, author: Author) -> DefinitionView:
    """
    Create a flag, switched off, in every environment of its project.

    Raises NotFound, AlreadyExists, BadInput, and Conflict when the project is archived.
    """
    connection = transaction.connection
    lock_editable_project(connection, project)
    if queries.find(connection, project, new.key) is not None:
        raise AlreadyExists("flag", new.key)
    refuse_deleted(connection, project, "flag", new.key)
    environments = environments_of(connection, project)
    transaction.lock(environments)
    definition = definition_of(new)
    opening = opening_of(definition, new.off, new.default)
    salt = transaction.random(_SALT_BYTES).hex()
    check_shared_part(flag_of(new.key, new.type, salt, definition, opening))
    queries.add(
        connection,
        {
            "project": project,
            "key": new.key,
            "type": new.type,
            "salt": salt,
            "created_at": transaction.now,
            **definition_columns(new.key, definition, opening, transaction.now),
        },
    )
    queries.tag(connection, project, new.key, definition.tags)
    row = _require(connection, project, new.key)
    for environment in environments:
        open_flag(transaction, row, environment)
    resource = f"flag/{new.key}"
    record(transaction, author, project, "flag.created", resource, after=new, summary=CREATED)
    return definition_view(row)


def find(connection: Connection, project: str, flag: str) -> DefinitionView:
    """Return a flag as its project has it. Raises NotFound."""
    require_project(connection, project)
    return definition_view(_require(connection, project, flag))


def list_flags(
    connection: Connection, project: str, asked: FlagQuery, reader: Principal, now: int
) -> DefinitionPage:
    """Return a page of a project's flags, as *reader* may see them. Raises NotFound."""
    require_project(connection, project)
    found = search.list_page(connection, project, asked, reader.scope_of("viewer"), now)
    rows, following = sorted_cut(found, asked)
    return DefinitionPage(items=tuple(map(listed_definition, rows)), next=following)


def change(
    transaction: Transaction,
    project: str,
    flag: str,
    patch: MergePatch,
    author: Author,
    if_match: Tags = ANY,
) -> DefinitionView:
    """
    Change a flag in all environments at once; archive it, or bring it back.

    Only environments whose flag changes by it take a version. Raises NotFound, BadInput,
    PreconditionFailed, and Conflict when another flag needs what would go, also where an
    environment is archived, or when the project is.
    """
    connection = transaction.connection
    lock_editable_project(connection, project)
    row = _require(connection, project, flag)
    environments = environments_of(connection, project)
    transaction.lock(environments)
    view = definition_view(row)
    if_match.check(view)
    old = decode_definition(row.document)
    new = patched(old, patch, _ELSEWHERE)
    if new == old:
        return view
    if old.archived and new.archived:
        raise Conflict(f"The flag {flag!r} is archived. Set `archived` to false first.")
    opening = fitting_opening(row, new)
    check_shared_part(flag_of(flag, row.type, row.salt, new, opening))
    refuse_lost_variations(connection, environments, flag, old, new)
    targeted = queries.every_environment(connection, project, flag)
    if new.archived:
        refuse_if_used(transaction, environments, "flag", flag)
    else:
        check_environments(connection, targeted, new)
    values = definition_columns(flag, new, opening, transaction.now)
    queries.change(connection, project, flag, values)
    queries.touch(connection, project, flag, transaction.now)
    queries.tag(connection, project, flag, new.tags)
    for one in targeted:
        _republish(transaction, one, new)
    record(
        transaction,
        author,
        project,
        _action(old, new),
        f"flag/{flag}",
        before=old,
        after=new,
        summary=told_of_definition(old, new),
    )
    return find(connection, project, flag)


def _republish(transaction: Transaction, row: AnyRow, definition: Definition) -> None:
    if definition.archived:
        version = withdraw(transaction, row.environment, "flag", row.key)
    else:
        targeting = decode_targeting(row.targeting)
        flag = flag_of(row.key, row.type, row.salt, definition, targeting)
        version = publish(transaction, row.environment, flag)
    if version not in (None, row.version):
        queries.change_targeting(
            transaction.connection, row.environment, row.key, {"version": version}
        )


def _action(old: Definition, new: Definition) -> str:
    if old.archived == new.archived:
        return "flag.updated"
    return "flag.archived" if new.archived else "flag.unarchived"


def _require(connection: Connection, project: str, flag: str) -> AnyRow:
    row = queries.find(connection, project, flag)
    if row is None:
        raise NotFound("flag", flag)
    return row
