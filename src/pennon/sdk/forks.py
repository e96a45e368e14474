"""Processes that are forked off: each client in them begins its threads anew."""

from __future__ import annotations

import os
import threading
from typing import Protocol
from weakref import WeakSet


class Forked(Protocol):
    """What lives through a fork."""

    def before_fork(self) -> None:
        """Let nothing be half done until `after_fork_in_parent` or `after_fork_in_child`."""
        ...

    def after_fork_in_parent(self) -> None:
        """Go on."""
        ...

    def after_fork_in_child(self) -> None:
        """Begin anew what a process loses that is forked off: threads, sockets, locks."""
        ...


class _Forks:
    """All that lives through a fork, told of each."""

    def __init__(self) -> None:
        self._all: WeakSet[Forked] = WeakSet()
        self._stopped: list[Forked] = []
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before, after_in_parent=self._in_parent, after_in_child=self._in_child
            )

    def add(self, forked: Forked) -> None:
        with self._lock:
            self._all.add(forked)

    def remove(self, forked: Forked) -> None:
        with self._lock:
            self._all.discard(forked)

    def _before(self) -> None:
        self._lock.acquire()
        self._stopped = list(self._all)
        for one in self._stopped:
            one.before_fork()

    def _in_parent(self) -> None:
        stopped, self._stopped = self._stopped, []
        for one in stopped:
            one.after_fork_in_parent()
        self._lock.release()

    def _in_child(self) -> None:
        self._lock = threading.Lock()
        stopped, self._stopped = self._stopped, []
        for one in stopped:
            one.after_fork_in_child()


forks = _Forks()
"""The one list of a process: the system tells each module of a fork once."""
