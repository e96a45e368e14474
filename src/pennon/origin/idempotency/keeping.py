"""
Keeps the answer to a creation in the transaction that creates.

Either both are committed or neither: an origin that dies before it could answer has left the
answer behind for whoever asks again, and one that dies earlier has created nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from msgspec import Struct, json
from sqlalchemy import Connection

from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.idempotency import queries
from pennon.web.idempotency import Once

A = TypeVar("A", bound=Struct)

DAY_MS: Final = 24 * 60 * 60 * 1000
"""For how long an answer is kept."""


class AnsweredBefore(Exception):
    """What is asked for was created already, as *row* tells; nothing went wrong."""

    def __init__(self, row: AnyRow) -> None:
        self.row = row
        super().__init__()


def find_answer(connection: Connection, id: str, now: int) -> AnyRow | None:
    """Return the answer that is still kept under an id."""
    row = queries.find(connection, id)
    return None if row is None or row.created_at <= now - DAY_MS else row


def kept(service: Callable[[Transaction], A], once: Once) -> Callable[[Transaction], A]:
    """
    Return *service* as one that also keeps what is answered.

    It raises AnsweredBefore where that is done already. The row is there before *service* looks
    at anything: of two at once, in two processes, the second waits for the first to commit, is
    run again and finds what the first has kept.
    """

    def work(transaction: Transaction) -> A:
        connection = transaction.connection
        held = find_answer(connection, once.id, transaction.now)
        if held is not None:
            raise AnsweredBefore(held)
        queries.forget_old(connection, once.id, transaction.now - DAY_MS)
        queries.claim(connection, once.id, once.fingerprint, transaction.now)
        answer = service(transaction)
        body = None if once.shows_secret else json.encode(answer)
        queries.keep(connection, once.id, once.location(answer), body)
        return answer

    return work
