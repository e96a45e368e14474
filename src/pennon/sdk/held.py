"""What a client holds of its environment: read by every thread, written by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Set
from concurrent.futures import Future

from pennon.evaluation.dependents import Dependents, Item
from pennon.evaluation.ruleset import Ruleset
from pennon.model.messages import Change, Message, Snapshot
from pennon.model.position import Position
from pennon.relay.replica import Replica, Verdict
from pennon.relay.replicas import Replicas

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
        self._replica: Replica | None = None
        self.on_change: OnChange | None = None
        """Told of the flags that each change can reach; set by `tell`."""
        self._dependents: Dependents | None = None

    @property
    def position(self) -> Position | None:
        """Where the environment stands here, or None where nothing was followed yet."""
        return None if self._replica is None else self._replica.position

    def snapshot(self) -> Snapshot | None:
        """Return what is held, as one may begin with it anew."""
        replica = self._replica
        return None if replica is None or replica.position is None else replica.snapshot()

    def replicas(self, environment: str) -> Replicas:
        """Return replicas of which *environment* feeds this from now on."""
        replicas = _Written(self.writing)
        self.environment = environment
        self._replica = replicas.open(environment)
        replicas.watch(self.take)
        return replicas

    def load(self, ruleset: Ruleset) -> None:
        """Evaluate *ruleset* from now on."""
        before, self.ruleset = self.ruleset, ruleset
        self.tracked = frozenset(key for key in ruleset.flags if _is_tracked(ruleset, key))
        if not self.is_loaded:
            self.is_loaded = True
            self.loaded.set_result(None)
        if self.on_change is not None:
            self._dependents = Dependents.of(ruleset)
            moved = _moved(before, ruleset)
            gone = (item.key for item in moved if item.kind == "flag")
            self._tell(self._dependents.reached_from(moved) | {*gone})

    def tell(self, on_change: OnChange) -> None:
        """Call *on_change* with the flags that each change from now on can reach."""
        with self.writing:
            self._dependents = Dependents.of(self.ruleset)
            self.on_change = on_change

    def after_fork(self) -> None:
        """Begin anew in a process that was forked off, where nobody holds the locks."""
        self.writing = threading.Lock()
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
        if self._dependents is not None:
            item = Item(news.kind, news.key)
            self._dependents.update(item, self.ruleset)
            self._tell(self._dependents.reached_from((item,)))

    def _tell(self, flags: Set[str]) -> None:
        if self.on_change is not None and flags:
            self.on_change(flags)


class _Written(Replicas):
    """Replicas that are never seen half written by a process that is forked off."""

    def __init__(self, writing: threading.Lock) -> None:
        super().__init__()
        self._writing = writing

    def take(self, message: Message) -> Verdict:
        with self._writing:
            return super().take(message)


def _ruleset_of(snapshot: Snapshot) -> Ruleset:
    return Ruleset.of(
        snapshot.position.version,
        flags={key: data for (kind, key), data in snapshot.items.items() if kind == "flag"},
        segments={key: data for (kind, key), data in snapshot.items.items() if kind == "segment"},
    )


def _moved(before: Ruleset, after: Ruleset) -> set[Item]:
    """Return the flags and segments that are others than before, the ones that are gone too."""
    flags = {
        Item("flag", key)
        for key in {*before.flags, *after.flags}
        if before.flag(key) != after.flag(key)
    }
    segments = {
        Item("segment", key)
        for key in {*before.tables.segments, *after.tables.segments}
        if _segment(before, key) != _segment(after, key)
    }
    return flags | segments


def _segment(ruleset: Ruleset, key: str) -> object:
    entry = ruleset.tables.segments.get(key)
    return None if entry is None else entry.segment


def _is_tracked(ruleset: Ruleset, key: str) -> bool:
    flag = ruleset.flag(key)
    return flag is not None and flag.track != "none"
