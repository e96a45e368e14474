"""Publishes flags and segments, and keeps on record what each of them uses."""

from __future__ import annotations

from collections.abc import Collection

from pennon.errors import Conflict
from pennon.model.flag import Flag
from pennon.model.messages import ItemKind
from pennon.model.segment import Segment
from pennon.origin.changelog import Transaction
from pennon.origin.history.items import decode
from pennon.origin.uses import queries
from pennon.origin.uses.named import uses_of


def publish(transaction: Transaction, environment: str, item: Flag | Segment) -> int:
    """Publish *item* and return the version of its last change in *environment*."""
    kind: ItemKind = "flag" if isinstance(item, Flag) else "segment"
    before = transaction.published(environment, kind, item.key)
    used = uses_of(item)
    if before is None or uses_of(decode(kind, before)) != used:
        queries.forget(transaction.connection, environment, kind, item.key)
        queries.remember(transaction.connection, environment, kind, item.key, used)
    return transaction.publish(environment, kind, item.key, item)


def withdraw(transaction: Transaction, environment: str, kind: ItemKind, key: str) -> int | None:
    """Delete a published item; None when it was not published."""
    queries.forget(transaction.connection, environment, kind, key)
    return transaction.withdraw(environment, kind, key)


def refuse_if_used(
    transaction: Transaction, environments: Collection[str], kind: ItemKind, key: str
) -> None:
    """Raise Conflict when something published in *environments* uses the item, and name it."""
    users = queries.users_of(transaction.connection, environments, kind, key)
    if users:
        named = ", ".join(f"the {one.kind} {one.key!r} in {one.environment}" for one in users[:5])
        more = f" and {len(users) - 5} more" if len(users) > 5 else ""
        raise Conflict(f"The {kind} {key!r} cannot be archived: it is used by {named}{more}.")
