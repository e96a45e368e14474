"""Changes a flag's targeting: the steps that every form of change goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import Connection

from pennon.errors import BadInput, Conflict, Fault, NotFound
from pennon.model.flag import Flag
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.approval import refuse_unapproved
from pennon.origin.environments.locking import lock_editable_environment
from pennon.origin.flags import queries
from pennon.origin.flags.parts import (
    decode_definition,
    decode_targeting,
    encode,
    flag_of,
    targeting_columns,
)
from pennon.origin.flags.schemas import FlagView, Targeting
from pennon.origin.flags.views import flag_view
from pennon.origin.flags.words import told
from pennon.origin.publication import publish
from pennon.origin.schemas import moment, propagation_of
from pennon.origin.validation import faults_in
from pennon.web.etag import ANY, Tags

Locate = Callable[[list[Fault], Targeting], Iterable[Fault]]
"""Says where in the request the faults of the targeting that came of it stand."""


@dataclass(frozen=True, slots=True)
class Held:
    """A flag in an environment that is locked for a change."""

    project: str
    environment: str
    row: AnyRow
    targeting: Targeting

    @property
    def view(self) -> FlagView:
        """The flag as it is answered."""
        return flag_view(self.row)

    def view_of(self, targeting: Targeting, version: int, at: int) -> FlagView:
        """The flag as it is answered once *targeting* was published at *version*."""
        return replace(
            self.view,
            version=version,
            updated_at=moment(at),
            propagation=propagation_of(self.environment, version),
            **asdict(targeting),
        )


def hold(
    transaction: Transaction, project: str, environment: str, flag: str, if_match: Tags = ANY
) -> Held:
    """
    Lock an environment and return a flag in it, as the newest change left it.

    Raises NotFound, PreconditionFailed, and Conflict when the environment or the project is
    archived.
    """
    name = lock_editable_environment(transaction, project, environment)
    row = require_in(transaction.connection, name, flag)
    if_match.check(flag_view(row))
    return Held(project, name, row, decode_targeting(row.targeting))


def retarget(
    transaction: Transaction,
    held: Held,
    new: Targeting,
    author: Author,
    *,
    instructions: Sequence[Struct] | None = None,
    summary: Sequence[str] | None = None,
    locate: Locate | None = None,
) -> FlagView:
    """
    Give a flag another targeting, publish and record it; an equal one changes nothing.

    *summary* is what the log says was done, by default what is different. Raises BadInput, and
    Conflict when the flag is archived, or the change had to be approved.
    """
    connection, row = transaction.connection, held.row
    # As JSON, since to Python a condition on true is equal to one on 1.
    if encode(new) == encode(held.targeting):
        return held.view
    changed = checked(connection, held, new, locate)
    refuse_unapproved(connection, held.environment, author)
    version, now = publish(transaction, held.environment, changed), transaction.now
    queries.change_targeting(
        connection,
        held.environment,
        row.key,
        {**targeting_columns(new), "version": version, "updated_at": now, "changed_at": now},
    )
    record(
        transaction,
        author,
        held.project,
        "flag.updated",
        f"flag/{row.key}",
        environment=held.environment,
        before=held.targeting,
        after=new,
        instructions=instructions,
        summary=told(held.targeting, new) if summary is None else summary,
    )
    return held.view_of(new, version, now)


def checked(
    connection: Connection, held: Held, new: Targeting, locate: Locate | None = None
) -> Flag:
    """
    Return the flag that would be published, if it may be.

    Raises BadInput, and Conflict when the flag is archived.
    """
    row = held.row
    if row.archived:
        raise Conflict(f"The flag {row.key!r} is archived. Bring it back in its project first.")
    flag = flag_of(row.key, row.type, row.salt, decode_definition(row.document), new)
    faults = faults_in(connection, held.environment, flag)
    if faults:
        raise BadInput(locate(faults, new) if locate else faults)
    return flag


def require_in(connection: Connection, environment: str, flag: str) -> AnyRow:
    """Return a flag's row in an environment, by its full name. Raises NotFound."""
    row = queries.find_in(connection, environment, flag)
    if row is None:
        raise NotFound("flag", flag)
    return row
