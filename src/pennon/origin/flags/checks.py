"""What must hold before a flag's definition changes: in itself, everywhere, and for its users."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from pennon.errors import BadInput, Conflict
from pennon.evaluation.validate import faults_of_flag
from pennon.model.codec import decode_flag
from pennon.model.flag import Flag
from pennon.origin.db.rows import AnyRow
from pennon.origin.flags.parts import decode_targeting, flag_of, opening_of
from pennon.origin.flags.schemas import Definition, Targeting
from pennon.origin.schemas import short_name
from pennon.origin.uses.queries import users_of
from pennon.origin.validation import faults_in


def fitting_opening(row: AnyRow, definition: Definition) -> Targeting:
    """Return what a flag starts with in a new environment, made anew if it no longer fits."""
    opening = decode_targeting(row.opening)
    flag = flag_of(row.key, row.type, row.salt, definition, opening)
    return opening_of(definition) if faults_of_flag(flag) else opening


def check_shared_part(flag: Flag) -> None:
    """Raise BadInput for what is wrong with a flag as it starts, in no environment yet."""
    faults = faults_of_flag(flag)
    if faults:
        raise BadInput(faults)


def check_environments(
    connection: Connection, rows: Sequence[AnyRow], definition: Definition
) -> None:
    """Raise BadInput where *definition* does not go with the targeting of an environment."""
    faults = [
        fault
        for row in rows
        for fault in faults_in(
            connection,
            row.environment,
            flag_of(row.key, row.type, row.salt, definition, decode_targeting(row.targeting)),
            path=f"$.environments.{short_name(row.environment)}",
        )
    ]
    if faults:
        raise BadInput(faults)


def refuse_lost_variations(
    connection: Connection,
    environments: Collection[str],
    flag: str,
    old: Definition,
    new: Definition,
) -> None:
    """Raise Conflict when another flag requires a variation that *new* no longer has."""
    lost = {one.name for one in old.variations} - {one.name for one in new.variations}
    for user in users_of(connection, environments, "flag", flag) if lost else ():
        for prerequisite in decode_flag(user.data).requires:
            needed = lost.intersection(prerequisite.is_)
            if prerequisite.flag == flag and needed:
                raise Conflict(
                    f"The variation {min(needed)!r} cannot go while the flag {user.key!r} "
                    f"in {user.environment} requires it."
                )
