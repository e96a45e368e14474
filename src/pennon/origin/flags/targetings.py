"""Reads and changes the part of a flag that an environment has for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from pennon.errors import Fault
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.environments.queries import require_environment
from pennon.origin.flags import search
from pennon.origin.flags.apply import apply
from pennon.origin.flags.instructions import AddRule, FlagInstruction, FlagInstructions
from pennon.origin.flags.places import places
from pennon.origin.flags.retargeting import hold, require_in, retarget
from pennon.origin.flags.schemas import FlagPage, FlagQuery, FlagView, Targeting
from pennon.origin.flags.views import flag_view, listed_flag
from pennon.origin.flags.words import told
from pennon.origin.instructions import carry_out, located
from pennon.origin.merge_patch import patched
from pennon.origin.schemas import full_name
from pennon.origin.sorting import sorted_cut
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags

_ID_BYTES: Final = 8
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
    return flag_view(require_in(connection, full_name(project, environment), flag))


def list_flags(
    connection: Connection, project: str, environment: str, asked: FlagQuery, now: int
) -> FlagPage:
    """Return a page of an environment's flags. Raises NotFound."""
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    rows, following = sorted_cut(search.list_page_in(connection, name, asked, now), asked)
    return FlagPage(items=tuple(map(listed_flag, rows)), next=following)


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
    Change a flag in one environment by a merge patch.

    Raises NotFound, BadInput, PreconditionFailed, and Conflict when the flag, the environment
    or the project is archived; so do the other changes.
    """
    held = hold(transaction, project, environment, flag, if_match)
    new = patched(held.targeting, patch, _ELSEWHERE)
    return retarget(transaction, held, new, author)


def put(
    transaction: Transaction,
    project: str,
    environment: str,
    flag: str,
    new: Targeting,
    author: Author,
    if_match: Tags,
) -> FlagView:
    """Replace a flag's targeting in one environment as a whole."""
    held = hold(transaction, project, environment, flag, if_match)
    return retarget(transaction, held, new, author)


def instruct(
    transaction: Transaction,
    project: str,
    environment: str,
    flag: str,
    asked: FlagInstructions,
    author: Author,
    if_match: Tags = ANY,
) -> FlagView:
    """
    Carry out instructions on a flag in one environment, as the newest change left it.

    All are carried out or none, in their order, as one version; where their aim is reached
    already they take none.
    """
    held = hold(transaction, project, environment, flag, if_match)
    instructions = _with_ids(asked.instructions, transaction.random)
    new, summary = carry_out(held.targeting, instructions, apply, told)

    def locate(faults: Sequence[Fault], after: Targeting) -> list[Fault]:
        return located(faults, instructions, after, places)

    return retarget(
        transaction,
        held,
        new,
        author,
        instructions=instructions,
        summary=summary,
        locate=locate,
    )


def _with_ids(
    instructions: Sequence[FlagInstruction], random: Callable[[int], bytes]
) -> list[FlagInstruction]:
    """Return *instructions* with an id for each new rule; they are recorded with it."""
    return [
        replace(one, rule=replace(one.rule, id=random(_ID_BYTES).hex()))
        if isinstance(one, AddRule) and one.rule.id is None
        else one
        for one in instructions
    ]
