"""Reads and changes the part of a flag that an environment has for itself."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from pennon.errors import BadInput, Conflict, NotFound
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.locking import lock_editable_environment
from pennon.origin.environments.queries import require_environment
from pennon.origin.flags import queries
from pennon.origin.flags.parts import decode_definition, decode_targeting, encode, flag_of
from pennon.origin.flags.schemas import FlagPage, FlagView
from pennon.origin.flags.views import flag_view
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.publication import publish
from pennon.origin.schemas import ArchivedQuery, full_name
from pennon.origin.validation import faults_in
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags

_ELSEWHERE: Final = {
    "key": "a flag's key cannot be changed",
    "type": "a flag's type cannot be changed; create another flag",
    **dict.fromkeys(
        (
            "name",
            "description",
            "tags",
            "owner",
            "temporary",
            "variations",
            "clientSide",
            "metadata",
            "archived",
        ),
        "belongs to the flag in its project: patch /projects/{project}/flags/{flag}",
    ),
}


def find(connection: Connection, project: str, environment: str, flag: str) -> FlagView:
    """Return a flag in an environment. Raises NotFound."""
    require_environment(connection, project, environment)
    return flag_view(_require(connection, full_name(project, environment), flag))


def list_flags(
    connection: Connection, project: str, environment: str, asked: ArchivedQuery
) -> FlagPage:
    """Return a page of an environment's flags. Raises NotFound."""
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    rows, following = cut(queries.list_page_in(connection, name, asked), asked, "key")
    return FlagPage(items=tuple(map(flag_view, rows)), next=following)


def change(
    transaction: Transaction,
    project: str,
    environment: str,
    flag: str,
    patch: MergePatch,
    author: Author,
    if_match: Tags = ANY,
) -> FlagView:
    """
    Change a flag in one environment.

    Raises NotFound, BadInput, PreconditionFailed, and Conflict when the flag, the environment
    or the project is archived.
    """
    connection = transaction.connection
    name = lock_editable_environment(transaction, project, environment)
    row = _require(connection, name, flag)
    view = flag_view(row)
    if_match.check(view)
    old = decode_targeting(row.targeting)
    new = patched(old, patch, _ELSEWHERE)
    if new == old:
        return view
    if row.archived:
        raise Conflict(f"The flag {flag!r} is archived. Bring it back in its project first.")
    changed = flag_of(flag, row.type, row.salt, decode_definition(row.document), new)
    faults = faults_in(connection, name, changed)
    if faults:
        raise BadInput(faults)
    queries.change_targeting(
        connection,
        name,
        flag,
        {
            "document": encode(new),
            "version": publish(transaction, name, changed),
            "updated_at": transaction.now,
        },
    )
    record(
        transaction,
        author,
        project,
        "flag.updated",
        f"flag/{flag}",
        environment=name,
        before=old,
        after=new,
    )
    return find(connection, project, environment, flag)


def _require(connection: Connection, environment: str, flag: str) -> AnyRow:
    row = queries.find_in(connection, environment, flag)
    if row is None:
        raise NotFound("flag", flag)
    return row
