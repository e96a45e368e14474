"""
Dry runs: what a change would do, found out by making it and taking it back.

Nothing is worked out a second time. The change runs in its transaction, under its locks, up to
what it writes into the audit log, and that is what is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from msgspec import Struct, json
from msgspec.structs import asdict

from pennon.errors import BadInput, Conflict, Fault, ReadOnly
from pennon.model.messages import ItemId
from pennon.origin.affected.schemas import Affected
from pennon.origin.affected.service import affected_by
from pennon.origin.audit.queries import find as find_record
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.differences import Difference, differences
from pennon.origin.schemas import Input, View, short_name
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint

A = TypeVar("A", bound=Struct)


class ChangeQuery(Input, frozen=True, kw_only=True):
    """With `dryRun=true` nothing is changed; the answer is what would be."""

    dry_run: bool = False


class DryRun(View, frozen=True, kw_only=True):
    """
    What a change would do. Nothing was changed by asking.

    `errors` are why it would be refused, if it is not `valid`; `diff` is what would be different
    and `sentences` say it in words; each of `environments` would take a version. Nothing is
    different where the change asks for what is so already.
    """

    valid: bool
    errors: tuple[Fault, ...] = ()
    diff: tuple[Difference, ...] = ()
    sentences: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


class Rehearsal(DryRun, frozen=True, kw_only=True):
    """
    What a change would do, and for whom.

    `affected` is null where the change would be refused, or no environment would take a version.
    """

    affected: Affected | None = None


def rehearsable(endpoint: Endpoint) -> Endpoint:
    """Declare that *endpoint*, a change, can be asked for a dry run; its handler calls `change`."""
    return replace(endpoint, query=ChangeQuery, other_answer=Rehearsal)


async def change(
    origin: Origin,
    call: Call[Any, ChangeQuery],
    of: type[Struct],
    service: Callable[[Transaction], A],
) -> A | Rehearsal:
    """Make the change that *service* is of an *of* in a project, or rehearse it if so asked."""
    if not call.query.dry_run:
        return await origin.write(service, call["project"])
    changed: dict[str, dict[ItemId, bytes | None]] = {}

    def noting(transaction: Transaction) -> None:
        changed.clear()  # it may be run again
        service(transaction)
        changed.update(transaction.items())

    effect = await rehearse(origin, call["project"], of, noting)
    affected = await affected_by(origin, changed) if effect.valid and changed else None
    return Rehearsal(**asdict(effect), affected=affected)


async def rehearse(
    origin: Origin, project: str, of: type[Struct], service: Callable[[Transaction], object]
) -> DryRun:
    """
    Return what *service* would do to an *of* of *project*.

    Raises what says nothing of the change itself: NotFound, PreconditionFailed and ReadOnly.
    """

    def work(transaction: Transaction) -> DryRun:
        service(transaction)
        return effect_of(transaction, project, of)

    try:
        return await origin.rehearse(work, project)
    except ReadOnly:
        raise  # it says nothing of the change
    except BadInput as error:
        return DryRun(valid=False, errors=error.faults)
    except Conflict as error:
        return DryRun(valid=False, errors=(Fault("$", str(error)),))


def effect_of(transaction: Transaction, project: str, of: type[Struct]) -> DryRun:
    """Return what a transaction has changed of an *of*, by its last audit record if it has one."""
    row = last_record(transaction, project)
    if row is None:
        return DryRun(valid=True)
    before, after = (json.decode(part, type=of) for part in (row.before, row.after))
    return DryRun(
        valid=True,
        diff=tuple(differences(before, after)),
        sentences=tuple(json.decode(row.summary, type=tuple[str, ...])),
        environments=tuple(sorted(map(short_name, transaction.versions()))),
    )


def last_record(transaction: Transaction, project: str) -> AnyRow | None:
    """Return the last audit record that a transaction has written for *project*, if any."""
    if transaction.record is None:
        return None
    return find_record(transaction.connection, project, transaction.record)
