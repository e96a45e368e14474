"""
One change as one transaction: versions, published items and changelog rows agree or none exist.

A unit of work first locks every environment that it may touch (`lock`, in sorted order, so that
two changes never wait for each other), then reads, validates and publishes under those locks.
The versions are counted in memory and written back once: nobody else can move a locked row, and
the closing UPDATE says which version it expects to find.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection

from pennon.errors import NotFound
from pennon.model.access import AccessEnvironment, AccessKey
from pennon.model.codec import encode_item, format_digest, item_hash, make_change
from pennon.model.flag import Flag
from pennon.model.members import MembersDelta
from pennon.model.messages import ItemId, ItemKind
from pennon.model.position import ACCESS, Position
from pennon.model.segment import Segment
from pennon.origin.bus import Bus
from pennon.origin.changelog import queries
from pennon.origin.db import Database
from pennon.origin.db.installation import read_epoch
from pennon.origin.db.rows import AnyRow
from pennon.origin.history.keeping import Kept
from pennon.origin.schemas import propagation_of
from pennon.web.noted import note_propagation

T = TypeVar("T")

Item = Flag | Segment | AccessKey | AccessEnvironment


class Changelog:
    """Commits units of work and wakes those who wait for their versions."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Callable[[], int],
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._random = random
        self._commits: set[asyncio.Task[object]] = set()

    async def commit(self, work: Callable[[Transaction], T], line: str | None = None) -> T:
        """
        Return what *work* returns, once all that it wrote is committed; else nothing is.

        Those who name the same *line* are served in the order in which they came. Whoever asked
        may go away meanwhile. The commit does not notice, and those who follow are woken all the
        same.
        """
        commit = asyncio.create_task(self._commit(work, line), name="commit")
        self._commits.add(commit)
        commit.add_done_callback(self._commits.discard)
        return await asyncio.shield(commit)

    async def _commit(self, work: Callable[[Transaction], T], line: str | None) -> T:
        def unit(connection: Connection) -> tuple[T, frozenset[str], dict[str, int]]:
            transaction = self._transaction(connection)
            result = work(transaction)
            return result, transaction.finish(), transaction.versions()

        result, moved, versions = await self._database.write(unit, line)
        note_propagation(
            propagation_of(name, version)
            for name, version in sorted(versions.items())
            if name != ACCESS
        )
        if moved:
            await self._bus.notify(moved)
        return result

    async def rehearse(self, work: Callable[[Transaction], T], line: str | None = None) -> T:
        """
        Return what *work* returns, and keep nothing of what it wrote.

        It runs to its end, under the locks that it would have: what is refused by the database
        itself is refused here too.
        """
        results: list[T] = []

        def unit(connection: Connection) -> None:
            transaction = self._transaction(connection)
            result = work(transaction)
            transaction.finish()
            results.append(result)
            raise _Rehearsed

        with suppress(_Rehearsed):
            await self._database.write(unit, line)
        return results[-1]

    def _transaction(self, connection: Connection) -> Transaction:
        return Transaction(connection, self._clock(), self._random)


class _Rehearsed(Exception):
    """Nothing went wrong; what was written is to be taken back."""


class Transaction:
    """
    What a unit of work writes with.

    `connection` is for its own queries, which share its fate; `now` is the time of the change in
    epoch milliseconds; `random` gives that many random bytes; `record` is the number of the last
    audit record so far.
    """

    def __init__(self, connection: Connection, now: int, random: Callable[[int], bytes]) -> None:
        self.connection = connection
        self.now = now
        self.random = random
        self.record: int | None = None
        self._epoch: str | None = None
        self._heads: dict[str, _Head] = {}
        self._items: dict[tuple[str, ItemKind, str], AnyRow | None] = {}
        self._created: set[str] = set()
        self._kept = Kept()

    def lock(self, environments: Iterable[str]) -> None:
        """
        Lock *environments*, all that this unit of work will publish to. Raises NotFound.

        Locking again what is locked already is nothing; locking more is an error in the code.
        """
        names = sorted(set(environments) - self._heads.keys())
        if names and self._heads.keys() - self._created:
            raise RuntimeError("A unit of work locks its environments once, all together.")
        for row in queries.lock_heads(self.connection, names) if names else ():
            self._epoch = row.epoch
            self._heads[row.environment] = _Head(
                row.version, row.version, int(row.digest, 16), row.deletions
            )
        for name in names:
            if name not in self._heads:
                raise NotFound("environment", name)

    def start(self, environment: str) -> None:
        """
        Take up an environment that this unit of work has just created, at version 0.

        Nobody else can see it before the commit, so it is as good as locked, and others may be
        locked after it.
        """
        self._created.add(environment)
        self._heads[environment] = _Head(0, 0, 0, 0)

    def published(self, environment: str, kind: ItemKind, key: str) -> bytes | None:
        """Return an item as it is published in a locked environment, None where it is not."""
        row = self._find(environment, kind, key)
        return None if row is None else row.data

    def publish(self, environment: str, kind: ItemKind, key: str, item: Item) -> int:
        """
        Publish *item* at the environment's next version and return that version.

        An item that is published already, equal but for its version, takes none: the version it
        has is returned.
        """
        head = self._heads[environment]
        published = self._find(environment, kind, key)
        if published is not None:
            if _encode(item, published.version) == published.data:
                version: int = published.version
                return version
            head.digest ^= item_hash(kind, key, published.data)
        head.version += 1
        data = _encode(item, head.version)
        head.digest ^= item_hash(kind, key, data)
        write = queries.insert_item if published is None else queries.update_item
        write(self.connection, environment, kind, key, head.version, data)
        self._items.pop((environment, kind, key))
        self._append(environment, kind, key, data)
        return head.version

    def withdraw(self, environment: str, kind: ItemKind, key: str) -> int | None:
        """Delete a published item at the next version; None when it is not published."""
        head = self._heads[environment]
        published = self._find(environment, kind, key)
        if published is None:
            return None
        head.version += 1
        head.deletions += 1
        head.digest ^= item_hash(kind, key, published.data)
        queries.delete_item(self.connection, environment, kind, key)
        self._items.pop((environment, kind, key))
        self._append(environment, kind, key, None)
        return head.version

    def tell_members(self, environment: str, key: str, delta: MembersDelta) -> int:
        """
        Tell followers how the members of a published external segment changed.

        That takes the environment's next version, which is the members' new generation; the
        segment itself stays as it is published, byte for byte.
        """
        published = self._find(environment, "segment", key)
        if published is None:
            raise RuntimeError(f"The segment {key!r} is not published in {environment}.")
        head = self._heads[environment]
        head.version += 1
        delta = replace(delta, generation=head.version)
        self._append(environment, "segment", key, published.data, delta)
        return head.version

    def versions(self) -> dict[str, int]:
        """Return the newest version of each environment that this transaction has moved."""
        return {
            environment: head.version
            for environment, head in self._heads.items()
            if head.version != head.began_at
        }

    def items(self) -> dict[str, dict[ItemId, bytes | None]]:
        """Return the flags and segments changed so far, by environment; None: withdrawn."""
        return self._kept.items()

    def recorded(self, record: int) -> None:
        """Say which audit record tells of all that was published since the record before it."""
        self.record = record
        self._kept.recorded(record)

    def finish(self) -> frozenset[str]:
        """Write the history and the heads, and return the environments that moved."""
        self._kept.write(self.connection)
        moved = self.versions()
        for environment in moved:
            head = self._heads[environment]
            queries.move_head(
                self.connection,
                environment,
                self._the_epoch(),
                head.began_at,
                head.version,
                format_digest(head.digest),
                head.deletions,
            )
        return frozenset(moved)

    def _find(self, environment: str, kind: ItemKind, key: str) -> AnyRow | None:
        """Return a published item's row; read once, for nobody else changes it meanwhile."""
        item = environment, kind, key
        if item not in self._items:
            self._items[item] = queries.find_item(self.connection, *item)
        return self._items[item]

    def _the_epoch(self) -> str:
        if self._epoch is None:
            self._epoch = read_epoch(self.connection)
        return self._epoch

    def _append(
        self,
        environment: str,
        kind: ItemKind,
        key: str,
        item: bytes | None,
        members: MembersDelta | None = None,
    ) -> None:
        position = Position(self._the_epoch(), self._heads[environment].version)
        change = make_change(environment, position, kind, key, item, self.now, members=members)
        queries.append_change(self.connection, change)
        self._kept.add(change)


@dataclass(slots=True)
class _Head:
    """Where a locked environment stands in this transaction, and where it began."""

    began_at: int
    version: int
    digest: int
    deletions: int


def _encode(item: Item, version: int) -> bytes:
    """Encode *item* as of *version*, which flags and segments carry."""
    if isinstance(item, Flag | Segment):
        item = replace(item, version=version)
    return encode_item(item)
