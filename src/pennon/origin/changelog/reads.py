"""What followers ask the changelog: where an environment stands, what came after, all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from pennon.errors import NotFound
from pennon.model.codec import EVENT_OF_KIND, decode_change, digest_of
from pennon.model.messages import Change, ItemId, Snapshot
from pennon.model.position import ACCESS, Position
from pennon.origin.changelog import queries
from pennon.origin.db.rows import AnyRow


class EnvironmentState(NamedTuple):
    """Where an environment stands, and the digest of what it holds there."""

    position: Position
    digest: int


def positions(
    connection: Connection, environments: Collection[str] | None = None
) -> dict[str, EnvironmentState]:
    """Return where each environment stands: those named that exist, or all."""
    return {
        row.environment: EnvironmentState(Position(row.epoch, row.version), int(row.digest, 16))
        for row in queries.read_heads(connection, environments)
    }


def changes_after(
    connection: Connection, environment: str, position: Position, limit: int
) -> list[Change] | None:
    """
    Return up to *limit* changes that follow *position*, oldest first.

    None when the log does not cover it: an older epoch, or changes since pruned. Empty for a
    position that is not behind, also one ahead of this database. Raises NotFound.
    """
    here = _state(connection, environment).position
    if position >= here:
        return []
    rows = queries.read_changes(connection, environment, here.epoch, position.version, limit)
    if position.epoch != here.epoch or not rows or rows[0].version != position.version + 1:
        return None
    return list(_decode(rows))


def latest_changes(connection: Connection, environment: str, limit: int) -> list[Change]:
    """Return the environment's last *limit* changes, oldest first. Raises NotFound."""
    epoch = _state(connection, environment).position.epoch
    rows = queries.read_latest_changes(connection, environment, epoch, limit)
    return list(_decode(reversed(rows)))


def snapshot(connection: Connection, environment: str) -> Snapshot:
    """
    Return the whole environment. Raises NotFound.

    A shrunken environment is allowed when our own history explains it. That takes two things:
    the items are what the history of changes adds up to (the digest kept with each change), and
    more deletions are on record than flags are left, without which no follower of this epoch
    can have lost more than half. So neither an empty new database nor a table that lost rows
    can clear the fleet.
    """
    (row,) = queries.read_heads(connection, (environment,)) or (None,)
    if row is None:
        raise NotFound("environment", environment)
    items: dict[ItemId, bytes] = {
        (item.kind, item.key): item.data for item in queries.read_items(connection, environment)
    }
    counted = "key" if environment == ACCESS else "flag"
    left = sum(kind == counted for kind, _ in items)
    digest = digest_of(items)
    return Snapshot(
        environment=environment,
        position=Position(row.epoch, row.version),
        digest=digest,
        items=items,
        shrink_allowed=digest == int(row.digest, 16) and row.deletions > left,
        committed_at=queries.last_committed_at(connection, environment) or 0,
    )


def _state(connection: Connection, environment: str) -> EnvironmentState:
    state = positions(connection, (environment,)).get(environment)
    if state is None:
        raise NotFound("environment", environment)
    return state


def _decode(rows: Iterable[AnyRow]) -> Iterable[Change]:
    return (decode_change(EVENT_OF_KIND[row.kind], row.data) for row in rows)
