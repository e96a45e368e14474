"""Appends to the audit log, in the transaction of the change that it records."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Raw, Struct

from pennon.origin.audit import queries
from pennon.origin.audit.records import Record, canonical
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction


def record(
    transaction: Transaction,
    author: Author,
    chain: str,
    action: str,
    resource: str,
    *,
    environment: str | None = None,
    before: Struct | None = None,
    after: Struct | None = None,
    instructions: Sequence[Struct] | None = None,
    summary: Sequence[str] = (),
) -> None:
    """
    Record a change to *resource* (``flag/checkout``) on a project's *chain*.

    *instructions* are what was asked for where a change came as such, *summary* what it did, in
    sentences. Called once all is published, so that the versions are known. The chain's head row
    is locked first: two records never follow the same one.
    """
    head = queries.lock_head(transaction.connection, chain)
    entry = Record(
        chain=chain,
        sequence=head.sequence + 1,
        previous=head.hash,
        at=transaction.now,
        actor=author.principal.id,
        actor_name=author.principal.name,
        address=author.address,
        action=action,
        resource=resource,
        environment=environment,
        before=Raw(canonical(before)),
        after=Raw(canonical(after)),
        comment=author.comment,
        instructions=Raw(canonical(instructions)),
        summary=Raw(canonical(summary)),
        versions=Raw(canonical(transaction.versions())),
    )
    queries.append(transaction.connection, entry)
    queries.move_head(transaction.connection, chain, entry.sequence, entry.hash())
    transaction.recorded(entry.sequence)
