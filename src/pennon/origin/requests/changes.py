"""Makes the change that a request is about: for good, or to see what it would do."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from msgspec import Struct, json

from pennon.errors import BadInput, Conflict
from pennon.model.codec import decode
from pennon.model.messages import ItemKind
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.dry_run import DryRun, effect_of, last_record
from pennon.origin.flags import targetings
from pennon.origin.flags.instructions import FlagInstructions
from pennon.origin.flags.schemas import Targeting
from pennon.origin.requests.schemas import Change, Effect, NewChangeRequest
from pennon.origin.segments import memberships
from pennon.origin.segments.instructions import SegmentInstructions
from pennon.origin.segments.schemas import Membership

PART_OF: Final[dict[ItemKind, type[Struct]]] = {"flag": Targeting, "segment": Membership}
"""The part of each kind that an environment has for itself."""


def subject_of(new: NewChangeRequest) -> tuple[ItemKind, str]:
    """Return the kind and key of what is to change. Raises BadInput."""
    if (new.instructions is None) == (new.patch is None):
        raise BadInput.at("$", "expected either `instructions` or a `patch`")
    if new.flag is not None and new.segment is None:
        return "flag", new.flag
    if new.segment is not None and new.flag is None:
        return "segment", new.segment
    raise BadInput.at("$", "expected either a `flag` or a `segment`")


def make(
    transaction: Transaction,
    project: str,
    environment: str,
    kind: ItemKind,
    key: str,
    change: Change,
    author: Author,
) -> DryRun:
    """
    Make a change as one that was approved, and return what it did.

    Raises what the change itself raises, and Conflict where there is nothing to change.
    """
    author = replace(author, approved=True)
    at = transaction, project, environment, key
    if change.patch is not None:
        service = targetings.change if kind == "flag" else memberships.change
        service(*at, change.patch, author)
    else:
        asked = json.encode({"instructions": change.instructions})
        if kind == "flag":
            targetings.instruct(*at, decode(asked, FlagInstructions), author)
        else:
            memberships.instruct(*at, decode(asked, SegmentInstructions), author)
    done = effect_of(transaction, project, PART_OF[kind])
    if not done.diff:
        raise Conflict("There is nothing to change: all that is asked for is so already.")
    return done


def settled(transaction: Transaction, project: str, change: Change) -> Change:
    """Return *change*, just made, with the ids that its new rules were given by it."""
    row = last_record(transaction, project)
    if row is None or change.instructions is None:
        return change
    return Change(instructions=json.decode(row.instructions, type=tuple[dict[str, object], ...]))


def is_current(effect: Effect, now: DryRun) -> bool:
    """Return whether a change would still do what it would have done when it was proposed."""
    # As JSON, since to Python true is 1.
    return now.valid and json.encode(now.diff) == json.encode(effect.diff)
