"""What a client holds of its environment: read by every thread, written by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Set
from concurrent.futures import Future
from typing import TYPE_CHECKING

from pennon.evaluation.ruleset import Ruleset
from pennon.model.messages import Change, Snapshot
from pennon.sdk.members import Members

if TYPE_CHECKING:
    from pennon.model.position import Position
    from pennon.relay.replica import Replica
    from pennon.relay.replicas import Replicas
    from pennon.sdk.reached import Reached

OnChange = Callable[[Set[str]], None]
"""Told of the flags whose answers may be others now."""


class Held:
    """
    The ruleset that evaluations read, kept in step with the replica that a stream feeds.

    `ruleset` is empty until something is loaded, which `is_loaded` says, and `loaded` to who waits.
    """

    def __init__(self) -> None:
        self.ruleset = Ruleset()
        self.tracked: frozenset[str] = frozenset()
        """The flags of which it is to be told whom they serve."""
        self.environment: str | None = None
        self.is_loaded = False
        self.loaded: Future[None] = Future()
        self.writing = threading.Lock()
        """Locked while a message is taken; who forks locks it, so that no half is copied."""
        self.members = Members()
        self.memberships = self.members.known
        """Says who is in segments whose members are kept outside of what is held."""
        self._replica: Replica | None = None
        self.on_change: OnChange | None = None
        """Told of the flags that each change can reach; set by `tell`."""
        self._reached: Reached | None = None

    @property
    def position(self) -> Position | None:
        """Where the environment stands here, or None where nothing was followed yet."""
        return None if self._replica is None else self._replica.position

    def snapshot(self) -> Snapshot | None:
        """Return what is held, as one may begin with it anew."""
        replica = self._replica
        return None if replica is None or replica.position is None else replica.snapshot()

    def follow(self, replicas: Replicas, environment: str) -> None:
        """Be fed by *environment* of *replicas* from now on, and begin with what is there."""
        replica = replicas.open(environment)
        self.environment = environment
        if replica.position is not None:
            self.load(_ruleset_of(replica.snapshot()))
        # Not before: what was held before, and where that stood, is served until now.
        self._replica = replica
        replicas.watch(self.take)

    def load(self, ruleset: Ruleset) -> None:
        """Evaluate *ruleset* from now on."""
        self.ruleset = ruleset
        self.tracked = frozenset(key for key in ruleset.flags if _is_tracked(ruleset, key))
        if not self.is_loaded:
            self.is_loaded = True
            self.loaded.set_result(None)
        if self._reached is not None:
            self._tell(self._reached.load(ruleset))

    def tell(self, on_change: OnChange) -> None:
        """Call *on_change* with the flags that each change from now on can reach."""
        from pennon.sdk.reached import Reached

        with self.writing:
            self._reached = Reached(self.ruleset)
            self.on_change = on_change

    def after_fork(self) -> None:
        """Begin anew in a process that was forked off, where nobody holds the locks."""
        self.writing = threading.Lock()
        self.members.after_fork()
        self.loaded = Future()
        if self.is_loaded:
            self.loaded.set_result(None)

    def take(self, replica: Replica, news: Change | Snapshot) -> None:
        """Take what has happened to the environment."""
        if isinstance(news, Snapshot):
            self.load(_ruleset_of(news))
            return
        if news.kind == "flag":
            self.ruleset.set_flag(news.key, news.item, news.position.version)
            if _is_tracked(self.ruleset, news.key):
                self.tracked |= {news.key}
            else:
                self.tracked -= {news.key}
        elif news.kind == "segment":
            self.ruleset.set_segment(news.key, news.item, news.position.version)
        else:
            return
        if self._reached is not None:
            self._tell(self._reached.change(news.kind, news.key))

    def _tell(self, flags: Set[str]) -> None:
        if self.on_change is not None and flags:
            self.on_change(flags)


def _ruleset_of(snapshot: Snapshot) -> Ruleset:
    return Ruleset.of(
        snapshot.position.version,
        flags={key: data for (kind, key), data in snapshot.items.items() if kind == "flag"},
        segments={key: data for (kind, key), data in snapshot.items.items() if kind == "segment"},
    )


def _is_tracked(ruleset: Ruleset, key: str) -> bool:
    flag = ruleset.flag(key)
    return flag is not None and flag.track != "none"
