"""What a request would do: when it is proposed, and whenever somebody looks at it."""

from __future__ import annotations

from functools import partial

from msgspec.structs import asdict

from pennon.errors import BadInput, Fault, NotFound
from pennon.origin.authors import PENNON, Author
from pennon.origin.changelog import Transaction
from pennon.origin.dry_run import DryRun, rehearse
from pennon.origin.requests import service
from pennon.origin.requests.changes import PART_OF, is_current, make, settled, subject_of
from pennon.origin.requests.schemas import (
    Change,
    ChangeRequest,
    ChangeRequestSummary,
    Effect,
    NewChangeRequest,
)
from pennon.origin.services import Origin
from pennon.web.idempotency import Once


async def propose(
    origin: Origin,
    project: str,
    environment: str,
    new: NewChangeRequest,
    author: Author,
    once: Once | None = None,
) -> ChangeRequestSummary:
    """
    Rehearse a change, and propose it with what it would do.

    Raises NotFound, BadInput where it could not be made, and Conflict where it would change
    nothing or something in it is archived.
    """
    kind, key = subject_of(new)
    change = Change(instructions=new.instructions, patch=new.patch)

    def work(transaction: Transaction) -> tuple[Change, Effect]:
        done = make(transaction, project, environment, kind, key, change, author)
        effect = Effect(diff=done.diff, sentences=done.sentences)
        return settled(transaction, project, change), effect

    try:
        change, effect = await origin.rehearse(work, project)
    except BadInput as error:
        raise _in_body(error, new) from None
    return await origin.create(
        lambda tx: service.propose(tx, project, environment, new, change, effect, author),
        once,
        project,
    )


async def look(origin: Origin, project: str, environment: str, id: str) -> ChangeRequest:
    """
    Return a request with what it would do now, while it is open. Raises NotFound.

    A read-only origin can make no change, not even to see what it does, and leaves that out.
    """
    found = await origin.read(
        partial(service.find, project=project, environment=environment, id=id)
    )
    if found.status != "open" or origin.database.read_only:
        return ChangeRequest(**asdict(found), now=None, current=False)
    try:
        now = await rehearse(
            origin,
            project,
            PART_OF[found.kind],
            lambda tx: make(tx, project, environment, found.kind, found.key, found.change, PENNON),
        )
    except NotFound as error:
        # The request is there; what it was to change has been deleted since.
        now = DryRun(valid=False, errors=(Fault("$", str(error)),))
    return ChangeRequest(**asdict(found), now=now, current=is_current(found.effect, now))


def _in_body(error: BadInput, new: NewChangeRequest) -> BadInput:
    """Say of a patch's faults where they are in the body; instructions say so themselves."""
    if new.patch is None:
        return error
    return BadInput(
        Fault(f"$.patch{fault.path.removeprefix('$')}", fault.message) for fault in error.faults
    )
