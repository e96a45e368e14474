"""
A replica: one environment as this node holds it.

It is fed by one source and read by streams and evaluators. It holds bytes and never decodes a
flag. What it is given, it takes only when that moves it forward in the one unbroken line of
versions; every other message gets a verdict that says what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Final, Literal

from pennon.model.codec import encode_snapshot, format_digest, item_hash
from pennon.model.messages import Change, Heartbeat, ItemId, ItemKind, Snapshot
from pennon.model.position import ACCESS, Position
from pennon.relay.run import Run
from pennon.relay.sse import format_event


class Verdict(Enum):
    """What became of a message."""

    APPLIED = auto()
    """It was taken; the replica moved."""
    KNOWN = auto()
    """It says what the replica holds already."""
    BEHIND = auto()
    """It is older than what the replica holds: refused."""
    GAP = auto()
    """Something is missing before it: ask again with the position held."""
    DRIFT = auto()
    """Same position, other digest: ask for everything."""
    SHRUNK = auto()
    """It would lose more than half of the flags (or keys) without leave: refused, ask again."""
    UNREADABLE = auto()
    """It does not decode, or its digest is not that of its items: refused, ask again."""


Tier = Literal["l2", "l3", "parent"]
"""The node's disk, the shared KV, or the parent, which leads to the database (L4)."""

Listener = Callable[[Change | Snapshot], None]
Weigh = Callable[[bytes], int]
"""Says how many bytes of memory an item takes, all told, from its own bytes."""

_EMPTY: Final = 4096
_AN_ITEM: Final = 190


def held_as_bytes(item: bytes) -> int:
    """Return what an item takes where nobody evaluates it: its bytes, its name and its place."""
    return _AN_ITEM + len(item)


class Replica:
    """
    One environment: its items' bytes, their digest, its position and a run of frames.

    *weigh* says what an item takes in memory, together with what is made of it elsewhere.
    """

    def __init__(
        self, environment: str, run: Run | None = None, weigh: Weigh = held_as_bytes
    ) -> None:
        self.environment = environment
        self.position: Position | None = None
        self.digest = 0
        self.items: dict[ItemId, bytes] = {}
        self.committed_at = 0
        self.fed_by: Tier | None = None
        """Where what is held was last taken from."""
        self.shrink_allowed = False
        """Whether the history that led here deleted items, so that a follower may lose them."""
        self.run = run or Run()
        self.forgotten = False
        """Whether the node follows the environment no longer: nothing will happen here."""
        self._weigh, self._weight = weigh, 0
        self._suspect = False
        self._listeners: list[Listener] = []
        self._whole: bytes | None = None
        self._full_sync: bytes | None = None

    @property
    def asks_from(self) -> Position | None:
        """The position to ask a parent from; None asks for everything."""
        return None if self._suspect else self.position

    @property
    def memory(self) -> int:
        """How many bytes of memory the environment takes, as near as can be told from outside."""
        encoded = len(self._whole or b"") + len(self._full_sync or b"")
        return _EMPTY + self._weight + self.run.size + encoded

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call *listener* with every change and snapshot taken from now on; return the undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def apply(self, change: Change) -> Verdict:
        """Take *change* if it is the next version."""
        held = self.position
        if held is None or change.position.epoch > held.epoch:
            return Verdict.GAP
        if change.position.epoch < held.epoch:
            return Verdict.BEHIND
        if change.position.version <= held.version:
            return Verdict.KNOWN
        if change.position.version != held.version + 1:
            return Verdict.GAP
        self._set(change.kind, change.key, change.item)
        self.shrink_allowed = self.shrink_allowed or change.item is None
        self.position, self.committed_at = change.position, change.committed_at
        self._whole = self._full_sync = None
        self.run.append(change)
        self._tell(change)
        return Verdict.APPLIED

    def replace(self, snapshot: Snapshot) -> Verdict:
        """Take *snapshot* in place of everything held, unless it is older or has lost too much."""
        held = self.position
        if held is not None:
            if snapshot.position < held:
                return Verdict.BEHIND
            if snapshot.position == held and snapshot.digest == self.digest:
                self._suspect = False
                return Verdict.KNOWN
            if self._lost_too_much(snapshot):
                return Verdict.SHRUNK
        self.items = dict(snapshot.items)
        self._weight = sum(map(self._weigh, self.items.values()))
        self.digest, self.shrink_allowed = snapshot.digest, snapshot.shrink_allowed
        self.position, self.committed_at = snapshot.position, snapshot.committed_at
        self._suspect, self._whole, self._full_sync = False, None, None
        self.run.clear(snapshot.position)
        self._tell(snapshot)
        return Verdict.APPLIED

    def check(self, heartbeat: Heartbeat) -> Verdict:
        """Compare with where the parent says it stands."""
        held = self.position
        if held is None or heartbeat.position > held:
            return Verdict.GAP
        if heartbeat.position < held:
            return Verdict.BEHIND
        if heartbeat.digest != format_digest(self.digest):
            self._suspect = True
            return Verdict.DRIFT
        return Verdict.KNOWN

    def doubt(self) -> None:
        """Ask for everything the next time: the changes that follow cannot all be read."""
        self._suspect = True

    def snapshot(self) -> Snapshot:
        """
        Return everything held. Only for a replica that holds something.

        The items are a copy: whoever stores them does so while the replica moves on.
        """
        assert self.position is not None
        return Snapshot(
            environment=self.environment,
            position=self.position,
            digest=self.digest,
            items=dict(self.items),
            shrink_allowed=self.shrink_allowed,
            committed_at=self.committed_at,
        )

    def envelope(self) -> bytes:
        """Return the encoded snapshot; made once a position and shared by all who need it."""
        if self._whole is None:
            self._whole = encode_snapshot(self.snapshot())
        return self._whole

    def full_sync(self) -> bytes:
        """Return the `full_sync` event for the position held; shared as the envelope is."""
        if self._full_sync is None:
            self._full_sync = format_event("full_sync", self.envelope(), str(self.position))
        return self._full_sync

    def _set(self, kind: ItemKind, key: str, item: bytes | None) -> None:
        identity = (kind, key)
        before = self.items.pop(identity, None)
        if before is not None:
            self.digest ^= item_hash(kind, key, before)
            self._weight -= self._weigh(before)
        if item is not None:
            self.items[identity] = item
            self.digest ^= item_hash(kind, key, item)
            self._weight += self._weigh(item)

    def _lost_too_much(self, snapshot: Snapshot) -> bool:
        if snapshot.shrink_allowed:
            return False
        counted = "key" if self.environment == ACCESS else "flag"
        held = [identity for identity in self.items if identity[0] == counted]
        return 2 * sum(identity in snapshot.items for identity in held) < len(held)

    def _tell(self, news: Change | Snapshot) -> None:
        for listener in tuple(self._listeners):
            listener(news)
