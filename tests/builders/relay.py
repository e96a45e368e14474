"""Builders of messages and small environments, and sources and clocks that do as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

from pennon.errors import SourceLost
from pennon.model.access import AccessEnvironment, AccessKey, KeyKind, format_key, hash_key
from pennon.model.codec import digest_of, encode_item, format_digest, make_change
from pennon.model.members import MembersDelta
from pennon.model.messages import Change, Heartbeat, ItemId, ItemKind, Message, Snapshot
from pennon.model.position import ACCESS, Position, make_epoch

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
    members: MembersDelta | None = None,
) -> Change:
    """Return the change that makes *version*."""
    position = a_position(version, epoch)
    return make_change(environment, position, kind, key, item, 1000 + version, members)


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


def a_heartbeat(
    version: int = 1,
    digest: int = 0,
    *,
    epoch: int = 1,
    environment: str = SHOP,
    time: int = 0,
) -> Heartbeat:
    """Return what a parent says that stands at *version*."""
    return Heartbeat(
        environment=environment,
        epoch=an_epoch(epoch),
        version=version,
        digest=format_digest(digest),
        time=time,
    )


def a_secret(number: int = 1, kind: KeyKind = "relay") -> str:
    """Return a key as its holder has it; another *number*, another key."""
    return format_key(kind, number.to_bytes(32, "big"))


def an_access_key(
    secret: str,
    *environments: str,
    kind: KeyKind = "relay",
    expires_at: int | None = None,
    revoked: bool = False,
) -> AccessKey:
    """Return what `$access` says of *secret*; without environments it opens all."""
    return AccessKey(
        hash=hash_key(secret),
        kind=kind,
        environments=environments or "*",
        expires_at=expires_at,
        revoked=revoked,
    )


def an_access(
    *keys: AccessKey, environments: Sequence[str] = (SHOP,), version: int = 1
) -> Snapshot:
    """Return `$access` with *keys* and *environments*."""
    held: dict[ItemId, bytes] = {("key", key.hash): encode_item(key) for key in keys}
    for name in environments:
        held["environment", name] = encode_item(AccessEnvironment(key=name))
    return a_snapshot(version, held, environment=ACCESS, shrink_allowed=True)


def a_key_change(version: int, key: AccessKey) -> Change:
    """Return the change of `$access` that publishes *key*."""
    return a_change(version, key.hash, encode_item(key), kind="key", environment=ACCESS)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


Step = Message | Exception | Callable[[], None]


class ScriptedSource:
    """
    A source that plays one list of steps each time it is asked, and then says nothing more.

    A step is a message, an error to raise or something to do. `asked` holds the positions of
    each attempt; `silent` is set once there is nothing left to play.
    """

    def __init__(self, *attempts: Sequence[Step]) -> None:
        self._attempts = list(attempts)
        self.asked: list[dict[str, Position | None]] = []
        self.silent = asyncio.Event()
        self.closed = 0

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        self.asked.append(dict(positions))
        try:
            if not self._attempts:
                self.silent.set()
                await asyncio.Event().wait()
            for step in self._attempts.pop(0):
                if isinstance(step, Exception):
                    raise step
                if callable(step):
                    step()
                else:
                    yield step
        finally:
            self.closed += 1
        raise SourceLost("the script ended")
