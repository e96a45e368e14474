"""
Proposes, reviews and applies changes.

What was proposed is what its diff said at that moment. A request is approved and applied only
while it would still do exactly that, whatever else has changed meanwhile: nobody is held to have
agreed to what they have not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import json
from sqlalchemy import Connection

from pennon.errors import BadInput, Conflict, Forbidden
from pennon.origin.access.scopes import milliseconds, time_faults
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.environments.locking import lock_editable_environment
from pennon.origin.environments.queries import approvals_required, require_environment
from pennon.origin.paging import cut
from pennon.origin.requests import queries
from pennon.origin.requests.changes import is_current, make, subject_of
from pennon.origin.requests.schemas import (
    Change,
    ChangeRequestPage,
    ChangeRequestSummary,
    Effect,
    NewChangeRequest,
    RequestQuery,
    Review,
    ReviewBody,
    Status,
)
from pennon.origin.requests.views import summary_of
from pennon.origin.schemas import full_name, moment
from pennon.web.permissions import Principal

_ID_BYTES: Final = 8
_MOVED_ON: Final = (
    "What this change would do is no longer what was proposed: the {kind} has changed since. "
    "Look at its diff, and propose it again if it is still wanted."
)


def person_of(principal: Principal) -> str:
    """Return who acts, whatever they came with: a token speaks for the user who made it."""
    return principal.user or principal.id


def propose(
    transaction: Transaction,
    project: str,
    environment: str,
    new: NewChangeRequest,
    change: Change,
    effect: Effect,
    author: Author,
) -> ChangeRequestSummary:
    """
    Add a request for *change*, which was found to have *effect* just now.

    Raises NotFound, BadInput, and Conflict when the environment or the project is archived.
    """
    name = lock_editable_environment(transaction, project, environment)
    kind, key = subject_of(new)
    faults = [*time_faults(new.at, transaction.now, "$.at")]
    if faults:
        raise BadInput(faults)
    # The time comes first, so that ids are in the order of proposals.
    id = f"{transaction.now:012x}{transaction.random(_ID_BYTES).hex()}"
    queries.add(
        transaction.connection,
        {
            "id": id,
            "environment": name,
            "kind": kind,
            "key": key,
            "status": "open",
            "person": person_of(author.principal),
            "author": author.principal.id,
            "author_name": author.principal.name,
            "comment": author.comment,
            "change": json.encode(change),
            "effect": json.encode(effect),
            "reviews": b"[]",
            "due": None if new.at is None else milliseconds(new.at),
            "created_at": transaction.now,
            "updated_at": transaction.now,
        },
    )
    after = find(transaction.connection, project, environment, id)
    _record(transaction, author, "proposed", None, after)
    return after


def review(
    transaction: Transaction,
    project: str,
    environment: str,
    id: str,
    given: ReviewBody,
    author: Author,
) -> ChangeRequestSummary:
    """
    Approve a request, or reject it, which ends it.

    Raises NotFound, Forbidden for who proposed it, and Conflict when it is over.
    """
    before = lock_open(transaction, project, environment, id)
    person = person_of(author.principal)
    row = queries.require(transaction.connection, full_name(project, environment), id)
    if person == row.person:
        raise Forbidden("A change is reviewed by another person than the one who proposed it.")
    verdict = Review(
        person=person,
        by=author.principal.name,
        verdict=given.verdict,
        comment=given.comment,
        at=moment(transaction.now),
    )
    reviews = [*(one for one in before.reviews if one.person != person), verdict]
    status: Status = "rejected" if given.verdict == "reject" else "open"
    action = "rejected" if given.verdict == "reject" else "approved"
    values = {"reviews": json.encode(reviews), "status": status}
    return mark(transaction, before, action, values, author)


def apply(
    transaction: Transaction, project: str, environment: str, id: str, author: Author
) -> ChangeRequestSummary:
    """
    Make the change, once it is approved.

    Raises NotFound, and Conflict when it is over, is to be applied at another time, lacks
    approvals, cannot be made any more, or would do something else than what was approved.
    """
    before = lock_open(transaction, project, environment, id)
    if before.at is not None:
        raise Conflict(
            f"The change is made by itself at {before.at:%Y-%m-%d %H:%M:%S} UTC. To make it "
            "sooner, withdraw it and propose it without `at`."
        )
    return make_change(transaction, before, author)


def make_change(
    transaction: Transaction, before: ChangeRequestSummary, author: Author
) -> ChangeRequestSummary:
    """Make the change of a request that is locked and open. Raises Conflict, as `apply` does."""
    if before.approvals < before.required:
        raise Conflict(
            f"The change has {before.approvals} of the {before.required} approvals that it needs."
        )
    comment = author.comment if author.comment is not None else before.comment
    applying = Author(author.principal, author.address, comment)
    place = before.project, before.environment
    try:
        done = make(transaction, *place, before.kind, before.key, before.change, applying)
    except BadInput as error:
        raise Conflict(f"The change cannot be made any more: {error}.") from None
    if not is_current(before.effect, done):
        raise Conflict(_MOVED_ON.format(kind=before.kind))
    version = transaction.versions()[full_name(*place)]
    values = {"status": "applied", "version": version}
    return mark(transaction, before, "applied", values, applying)


def withdraw(
    transaction: Transaction, project: str, environment: str, id: str, author: Author
) -> ChangeRequestSummary:
    """
    Take a request back.

    Raises NotFound, Conflict when it is over, and Forbidden for others than who proposed it and
    the environment's administrators.
    """
    before = lock_open(transaction, project, environment, id)
    name = full_name(project, environment)
    row = queries.require(transaction.connection, name, id)
    if person_of(author.principal) != row.person:
        author.principal.require("admin", name)
    return mark(transaction, before, "withdrawn", {"status": "withdrawn"}, author)


def find(connection: Connection, project: str, environment: str, id: str) -> ChangeRequestSummary:
    """Return a request. Raises NotFound."""
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    row = queries.require(connection, name, id)
    return summary_of(row, approvals_required(connection, name))


def list_requests(
    connection: Connection, project: str, environment: str, asked: RequestQuery
) -> ChangeRequestPage:
    """Return a page of an environment's requests. Raises NotFound."""
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    rows, following = cut(queries.list_page(connection, name, asked), asked, "id")
    required = approvals_required(connection, name)
    return ChangeRequestPage(items=tuple(summary_of(row, required) for row in rows), next=following)


def lock_open(
    transaction: Transaction, project: str, environment: str, id: str
) -> ChangeRequestSummary:
    """Lock a request, after its environment. Raises NotFound, and Conflict when it is over."""
    connection = transaction.connection
    name = lock_editable_environment(transaction, project, environment)
    row = queries.require(connection, name, id, lock=True)
    if row.status != "open":
        raise Conflict(f"The change request is {row.status} already.")
    return summary_of(row, approvals_required(connection, name))


def find_open(connection: Connection, environment: str, id: str) -> ChangeRequestSummary | None:
    """Lock a request, by its environment's full name, and return it if it is open."""
    row = queries.require(connection, environment, id, lock=True)
    if row.status != "open":
        return None
    return summary_of(row, approvals_required(connection, environment))


def mark(
    transaction: Transaction,
    before: ChangeRequestSummary,
    action: str,
    values: Mapping[str, object],
    author: Author,
) -> ChangeRequestSummary:
    """Change the row of a request and record it."""
    connection = transaction.connection
    name = full_name(before.project, before.environment)
    queries.change(connection, name, before.id, {**values, "updated_at": transaction.now})
    after = find(connection, before.project, before.environment, before.id)
    _record(transaction, author, action, before, after)
    return after


def _record(
    transaction: Transaction,
    author: Author,
    action: str,
    before: ChangeRequestSummary | None,
    after: ChangeRequestSummary,
) -> None:
    record(
        transaction,
        author,
        after.project,
        f"request.{action}",
        f"request/{after.id}",
        environment=full_name(after.project, after.environment),
        before=before,
        after=after,
        summary=(f"{action} a change of the {after.kind} {after.key}",),
    )
