"""
Copies a flag's targeting from one environment to another, once it was seen what that changes.

A dry run answers what would be different and the versions that it compared; copying names those
versions, and is refused when either flag has changed since. So what is copied is what was seen.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from pennon.errors import BadInput, PreconditionFailed
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.differences import differences
from pennon.origin.environments.locking import refuse_archived
from pennon.origin.environments.queries import require_environment
from pennon.origin.flags.copy_schemas import (
    TARGETING_PARTS,
    CopiedFlag,
    CopyFrom,
    FlagCopy,
    SeenVersions,
)
from pennon.origin.flags.parts import decode_targeting
from pennon.origin.flags.retargeting import Held, checked, hold, require_in, retarget
from pennon.origin.flags.schemas import Targeting
from pennon.origin.flags.words import told
from pennon.origin.schemas import full_name, propagation_of, short_name

_MOVED_ON: Final = (
    "The flag has changed in {} since the dry run. "
    "Ask for another, then copy if it is still wanted."
)


def preview(
    connection: Connection, project: str, environment: str, flag: str, asked: FlagCopy
) -> CopiedFlag:
    """
    Return what copying would change.

    Raises NotFound, BadInput where the result would not be sound, and Conflict when the flag, the
    target or the project is archived.
    """
    source = _source(connection, project, environment, flag, asked)
    refuse_archived(connection, project, asked.to)
    target = full_name(project, asked.to)
    row = require_in(connection, target, flag)
    held = Held(project, target, row, decode_targeting(row.targeting))
    new = _merged(held.targeting, decode_targeting(source.targeting), asked)
    checked(connection, held, new)
    return _answer(source, held, new, row.version, applied=False)


def copy(
    transaction: Transaction,
    project: str,
    environment: str,
    flag: str,
    asked: FlagCopy,
    author: Author,
) -> CopiedFlag:
    """
    Copy, if both flags are as the dry run saw them.

    Raises what `preview` does, PreconditionFailed when one of them has changed, and Conflict when
    the target wants approval.
    """
    if asked.versions is None:
        raise BadInput.at("$.versions", "expected the `versions` that a dry run answered")
    source = _source(transaction.connection, project, environment, flag, asked)
    held = hold(transaction, project, asked.to, flag)
    for row, seen in ((source, asked.versions.from_), (held.row, asked.versions.to)):
        if row.version != seen:
            raise PreconditionFailed(_MOVED_ON.format(row.environment))
    new = _merged(held.targeting, decode_targeting(source.targeting), asked)
    view = retarget(
        transaction,
        held,
        new,
        author,
        instructions=[
            CopyFrom(environment=environment, version=source.version, include=asked.include)
        ],
        summary=(
            f"copied from {environment} as of version {source.version}",
            *told(held.targeting, new),
        ),
    )
    return _answer(source, held, new, view.version, applied=True)


def _source(
    connection: Connection, project: str, environment: str, flag: str, asked: FlagCopy
) -> AnyRow:
    if asked.to == environment:
        raise BadInput.at("$.to", f"expected another environment than {environment!r}")
    require_environment(connection, project, environment)
    return require_in(connection, full_name(project, environment), flag)


def _merged(target: Targeting, source: Targeting, asked: FlagCopy) -> Targeting:
    parts = TARGETING_PARTS if asked.include is None else asked.include
    return replace(target, **{part: getattr(source, part) for part in parts})


def _answer(
    source: AnyRow, held: Held, new: Targeting, version: int, *, applied: bool
) -> CopiedFlag:
    return CopiedFlag(
        applied=applied,
        from_=short_name(source.environment),
        to=short_name(held.environment),
        versions=SeenVersions(from_=source.version, to=version),
        diff=tuple(differences(held.targeting, new)),
        sentences=told(held.targeting, new),
        propagation=propagation_of(held.environment, version),
    )
