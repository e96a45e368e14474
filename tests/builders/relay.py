"""Builders of messages and small environments for the relay's tests."""

from __future__ import annotations

from pennon.model.codec import digest_of, make_change
from pennon.model.messages import Change, ItemId, ItemKind, Snapshot
from pennon.model.position import Position, make_epoch

SHOP = "shop/production"


def an_epoch(number: int = 1) -> str:
    """Return an epoch; a greater *number* makes a newer one."""
    return make_epoch(1_763_000_000_000 + number, number)


def a_position(version: int = 1, epoch: int = 1) -> Position:
    """Return a position of the *epoch*-th line of versions."""
    return Position(an_epoch(epoch), version)


def a_change(
    version: int = 1,
    key: str = "checkout",
    item: bytes | None = b'{"key":"checkout"}',
    *,
    epoch: int = 1,
    kind: ItemKind = "flag",
    environment: str = SHOP,
) -> Change:
    """Return the change that makes *version*."""
    return make_change(environment, a_position(version, epoch), kind, key, item, 1000 + version)


def a_snapshot(
    version: int = 0,
    items: dict[ItemId, bytes] | None = None,
    *,
    epoch: int = 1,
    environment: str = SHOP,
    shrink_allowed: bool = False,
) -> Snapshot:
    """Return a whole environment at *version*."""
    held = items or {}
    return Snapshot(
        environment=environment,
        position=a_position(version, epoch),
        digest=digest_of(held),
        items=held,
        shrink_allowed=shrink_allowed,
    )


def some_flags(count: int) -> dict[ItemId, bytes]:
    """Return *count* flags' bytes, as a snapshot holds them."""
    return {("flag", f"flag-{n}"): b'{"key":"flag-%d"}' % n for n in range(count)}
