"""Changes members, in the transaction that takes the version, tells followers and records it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pennon.errors import BadInput, Fault, SourceLost
from pennon.model.members import MOST_KEYS, MembersDelta
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.members import queries
from pennon.origin.members.bulk import find_members, remove_members, write_members
from pennon.origin.members.comparing import SHOWN
from pennon.origin.members.holding import Held, Place, hold_members_of, state_of
from pennon.origin.members.keys import MOST_LISTED, wrong_with
from pennon.origin.members.schemas import Counts, MembersChange, MembersChanged, Named
from pennon.origin.members.tally import Edit, Tally
from pennon.origin.schemas import propagation_of
from pennon.web.etag import Tags

_ID_BYTES: Final = 7
"""What a database's number holds, and so long that no two lists get the same."""

STAGED_TOO_LONG: Final = "The list was not written in time. Upload it again."


def change_some(
    transaction: Transaction, place: Place, asked: MembersChange, author: Author, if_match: Tags
) -> MembersChanged:
    """
    Add, exclude and remove keys, all or none.

    Raises BadInput, NotFound, PreconditionFailed, Conflict and Forbidden.
    """
    wanted = _wanted(asked)
    held = hold_members_of(transaction, place, author, if_match)
    known = {}
    if held.list is not None:
        known = find_members(transaction.connection, held.list, list(wanted))
    edits = [
        Edit(key, known.get(key), after)
        for key, after in sorted(wanted.items())
        if known.get(key) is not after
    ]
    return edit_in_place(transaction, held, edits, author)


def edit_in_place(
    transaction: Transaction, held: Held, edits: Sequence[Edit], author: Author, repeated: int = 0
) -> MembersChanged:
    """Make *edits*, as many as followers can be told of, to the list that is held."""
    if not edits:
        return unchanged(held, repeated)
    tally = held.tally
    for edit in edits:
        tally = tally.after(edit)
    if tally.size > MOST_LISTED:
        raise BadInput.at("$", f"expected at most {MOST_LISTED} keys in all, got {tally.size}")
    connection, now = transaction.connection, transaction.now
    told: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for edit in edits:
        told[edit.after].append(edit.key)
    delta = MembersDelta(
        generation=0,
        added=tuple(told[True]),
        excluded=tuple(told[False]),
        removed=tuple(told[None]),
    )
    generation = transaction.tell_members(held.place.name, held.place.segment, delta)
    list_id = held.list
    if list_id is None:
        list_id = new_id(transaction)
        queries.add_list(connection, list_id, held.place.name, held.place.segment, now)
        queries.enliven(connection, list_id, generation, tally, now)
    else:
        queries.renew(connection, list_id, generation, tally, now)
    written = [(edit.key, edit.after) for edit in edits if edit.after is not None]
    write_members(connection, list_id, written)
    remove_members(connection, list_id, told[None])
    counts = Counts(added=len(told[True]), excluded=len(told[False]), removed=len(told[None]))
    return done(transaction, held, generation, tally, counts, named(told), author, repeated)


def replace_all(
    transaction: Transaction,
    held: Held,
    list_id: int,
    tally: Tally,
    counts: Counts,
    first: Named,
    author: Author,
    repeated: int = 0,
) -> MembersChanged:
    """
    Put a staged list, which holds *tally*, in the place of the one that is held.

    Raises SourceLost where the staged list was taken for left over meanwhile.
    """
    connection, now = transaction.connection, transaction.now
    place = held.place
    delta = MembersDelta(generation=0, reset=True)
    generation = transaction.tell_members(place.name, place.segment, delta)
    if held.list is not None:
        queries.drop(connection, held.list, queries.LIVE, now)
    if not queries.enliven(connection, list_id, generation, tally, now):
        raise SourceLost(STAGED_TOO_LONG, retry_after=1.0)
    return done(transaction, held, generation, tally, counts, first, author, repeated)


def unchanged(held: Held, repeated: int = 0) -> MembersChanged:
    """Return the answer to a change that asks for what is so already."""
    nothing: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    return answer_of(
        held,
        held.generation,
        held.tally,
        Counts(added=0, excluded=0, removed=0),
        named(nothing),
        repeated=repeated,
    )


def done(
    transaction: Transaction,
    held: Held,
    generation: int,
    tally: Tally,
    counts: Counts,
    first: Named,
    author: Author,
    repeated: int,
) -> MembersChanged:
    """Record a change that was made, and return its answer. The log names no key."""
    place = held.place
    record(
        transaction,
        author,
        place.project,
        "segment.members_changed",
        f"segment/{place.segment}",
        environment=place.name,
        before=held.state,
        after=state_of(held.epoch, generation, tally),
        summary=tuple(told_of(counts, held.kind)),
    )
    return answer_of(held, generation, tally, counts, first, repeated=repeated, taken=True)


def answer_of(
    held: Held,
    generation: int,
    tally: Tally,
    counts: Counts,
    first: Named,
    *,
    repeated: int = 0,
    taken: bool = False,
    dry_run: bool = False,
) -> MembersChanged:
    """Return the answer to a change, which has *taken* a version or would."""
    return MembersChanged(
        epoch=held.epoch,
        generation=generation,
        included=tally.included,
        excluded=tally.excluded,
        digest=tally.digest,
        dry_run=dry_run,
        changes=counts,
        first=first,
        repeated=repeated,
        propagation=propagation_of(held.place.name, generation) if taken else None,
    )


def named(keys: dict[bool | None, list[str]]) -> Named:
    """Return the first of the keys that come in, go out and are removed."""
    added, excluded, removed = (tuple(keys[after][:SHOWN]) for after in (True, False, None))
    return Named(added=added, excluded=excluded, removed=removed)


def told_of(counts: Counts, kind: str) -> Iterable[str]:
    """Yield what a change did, in sentences."""
    of = "" if kind == "user" else f"{kind} "
    for number, what in (
        (counts.added, "added {} to the members"),
        (counts.excluded, "excluded {} from the members"),
        (counts.removed, "took {} off the members' list"),
    ):
        if number:
            yield what.format(f"{number} {of}{'key' if number == 1 else 'keys'}")


def new_id(transaction: Transaction) -> int:
    """Return the number of a new list."""
    return int.from_bytes(transaction.random(_ID_BYTES), "big")


def _wanted(asked: MembersChange) -> dict[str, bool | None]:
    """Return what each key is to be. Raises BadInput."""
    wanted: dict[str, bool | None] = {}
    faults = []
    lists: tuple[tuple[str, bool | None], ...] = (
        ("add", True),
        ("exclude", False),
        ("remove", None),
    )
    for name, after in lists:
        for place, key in enumerate(getattr(asked, name)):
            wrong = wrong_with(key)
            if wrong is None and key in wanted:
                wrong = f"expected each key once, got {key!r} again"
            if wrong is not None:
                faults.append(Fault(f"$.{name}[{place}]", wrong))
            wanted[key] = after
    if not faults and not 0 < len(wanted) <= MOST_KEYS:
        what = f"expected 1 to {MOST_KEYS} keys in all, got {len(wanted)}; upload longer lists"
        faults.append(Fault("$", what))
    if faults:
        raise BadInput(faults[:100])
    return wanted
