"""
Tampering with an audit log as someone with the database can: is the record named every time?

A log that the services wrote is altered in a place that chance picks, verified, and put back.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from pennon.origin.audit.findings import Finding
from pennon.origin.audit.links import Checkpoint
from pennon.origin.audit.stored import verify_stored
from pennon.origin.authors import PENNON
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import Transaction
from pennon.origin.db import Database
from pennon.origin.db.tables import audit, audit_heads
from pennon.origin.projects import service as projects
from pennon.origin.projects.schemas import NewProject
from pennon.origin.services import Origin
from tests.builders.audit import without_guards

RECORDS: Final = 200
CHAIN: Final = "drill"

_ASIDE: Final = -1
_BYTES: Final = ("before", "after", "instructions", "summary", "versions")

Tampering = Callable[[Connection, random.Random], tuple[int, tuple[str, ...]]]
"""Tampers with the log, and returns the first record that is wrong and what may be said of it."""


@dataclass
class Outcome:
    """How often the log was tampered with, by what was found, and what is wrong."""

    named: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{kind}: {count}" for kind, count in sorted(self.named.items()))
        return (
            f"{self.named.total()} of {self.named.total() + len(self.wrong)} named in a log of "
            f"{RECORDS} records ({told}); {len(self.wrong)} faults"
        )


async def drill(url: str, times: int, seed: int) -> Outcome:
    """Tamper *times* in each way with a log in the migrated, empty database at *url*."""
    chance = random.Random(seed)
    outcome = Outcome()
    async with Database.open(url) as database:
        origin = Origin(database, MemoryBus())
        await origin.write(
            lambda tx: projects.create(tx, NewProject(key=CHAIN), PENNON), chain=CHAIN
        )
        for number in range(RECORDS - 1):
            await origin.write(partial(_rename, number=number), chain=CHAIN)
        for way in (alter_a_byte, remove_one, swap_two, cut_the_tail, cut_it_with_the_head):
            for _ in range(times):
                found, expected, kinds = await _tried(database, way, chance)
                if found is not None and (found.sequence, found.kind) in {
                    (expected, kind) for kind in kinds
                }:
                    outcome.named[f"{way.__name__.replace('_', ' ')}"] += 1
                else:
                    outcome.wrong.append(f"{way.__name__} at {expected}: {found}")
    return outcome


def alter_a_byte(connection: Connection, chance: random.Random) -> tuple[int, tuple[str, ...]]:
    """Change one byte of one record."""
    sequence, name = chance.randrange(1, RECORDS + 1), chance.choice(_BYTES)
    data = bytearray(_row(connection, sequence)._mapping[name])
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(7)
    _set(connection, sequence, {name: bytes(data)})
    return sequence, ("altered",)


def remove_one(connection: Connection, chance: random.Random) -> tuple[int, tuple[str, ...]]:
    """Remove a record that is not the last."""
    sequence = chance.randrange(1, RECORDS)
    connection.execute(delete(audit).where(audit.c.chain == CHAIN, audit.c.sequence == sequence))
    return sequence, ("missing",)


def swap_two(connection: Connection, chance: random.Random) -> tuple[int, tuple[str, ...]]:
    """Give two records each other's number."""
    first, second = sorted(chance.sample(range(1, RECORDS + 1), 2))
    for old, new in ((first, _ASIDE), (second, first), (_ASIDE, second)):
        _set(connection, old, {"sequence": new})
    return first, ("reordered",)


def cut_the_tail(connection: Connection, chance: random.Random) -> tuple[int, tuple[str, ...]]:
    """Remove the last records; the head still tells of them."""
    left = chance.randrange(RECORDS)
    connection.execute(delete(audit).where(audit.c.chain == CHAIN, audit.c.sequence > left))
    return left + 1, ("cut-off",)


def cut_it_with_the_head(
    connection: Connection, chance: random.Random
) -> tuple[int, tuple[str, ...]]:
    """Remove the last records and set back the head; only the checkpoint tells of them."""
    left = chance.randrange(1, RECORDS)
    last = _row(connection, left)
    cut = delete(audit).where(audit.c.chain == CHAIN, audit.c.sequence > left)
    connection.execute(cut)
    connection.execute(
        update(audit_heads).where(audit_heads.c.chain == CHAIN),
        {"sequence": left, "hash": last.hash},
    )
    if verify_stored(connection, CHAIN).finding is not None:
        raise AssertionError("A log that was cut with its head is whole in itself.")
    return left + 1, ("cut-off",)


def _rename(transaction: Transaction, number: int) -> None:
    projects.change(transaction, CHAIN, {"name": f"The name {number}"}, PENNON)


class _TakenBack(Exception):
    """Carries what was found out of a transaction that is rolled back."""

    def __init__(self, found: tuple[Finding | None, int, tuple[str, ...]]) -> None:
        self.found = found
        super().__init__()


async def _tried(
    database: Database, way: Tampering, chance: random.Random
) -> tuple[Finding | None, int, tuple[str, ...]]:
    def work(connection: Connection) -> None:
        last = _row(connection, RECORDS)
        checkpoint = Checkpoint(
            chain=CHAIN, sequence=last.sequence, hash=last.hash, at=last.at, key="drill"
        )
        without_guards(connection)
        expected, kinds = way(connection, chance)
        raise _TakenBack((verify_stored(connection, CHAIN, [checkpoint]).finding, expected, kinds))

    try:
        await database.write(work)
    except _TakenBack as taken_back:
        return taken_back.found
    raise AssertionError("The tampering was not taken back.")


def _row(connection: Connection, sequence: int) -> Row[*tuple[Any, ...]]:
    return connection.execute(
        select(audit).where(audit.c.chain == CHAIN, audit.c.sequence == sequence)
    ).one()


def _set(connection: Connection, sequence: int, values: dict[str, object]) -> None:
    connection.execute(
        update(audit).where(audit.c.chain == CHAIN, audit.c.sequence == sequence), values
    )
