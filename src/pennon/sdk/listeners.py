"""Those who want to know of changes: called in a thread of their own."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from typing import Any, Final, NamedTuple, TypeVar

from pennon.sdk.health import Status

log = logging.getLogger("pennon.sdk")

OnFlag = Callable[[str], object]
"""Called with the key of a flag."""
OnFlags = Callable[[Set[str]], object]
"""Called with the keys of all flags that one change can reach."""
OnStatus = Callable[[Status], object]

T = TypeVar("T")

_MOST_WAITING: Final = 10_000


class Listeners:
    """
    Callbacks, of flags and of the client's state.

    They are called one after another in a thread that is begun with the first: one that takes its
    time keeps the others waiting, and neither the stream nor an evaluation. `lost` counts calls
    that were dropped because too many were waiting.
    """

    def __init__(self) -> None:
        self._of_flags: dict[str, list[OnFlag]] = {}
        self._of_all: list[OnFlags] = []
        self._of_status: list[OnStatus] = []
        self._waiting: queue.Queue[_Call | None] = queue.Queue(_MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.lost = 0

    def add(self, flag: str, callback: OnFlag) -> Callable[[], None]:
        """Call *callback* whenever the answers of *flag* may have changed; return the undo."""
        with self._lock:
            self._of_flags.setdefault(flag, []).append(callback)
            self._need_thread()

        def remove() -> None:
            with self._lock:
                callbacks = self._of_flags.get(flag, [])
                _drop(callbacks, callback)
                if not callbacks:
                    self._of_flags.pop(flag, None)

        return remove

    def add_of_all(self, callback: OnFlags) -> Callable[[], None]:
        """Call *callback* whenever the answers of any flags may have changed; return the undo."""
        return self._add_to(self._of_all, callback)

    def add_of_status(self, callback: OnStatus) -> Callable[[], None]:
        """Call *callback* whenever the client's state is another; return the undo."""
        return self._add_to(self._of_status, callback)

    def tell(self, flags: Set[str]) -> None:
        """Have the callbacks of *flags* called."""
        with self._lock:
            due = [_Call(one, flags) for one in self._of_all]
            due += (_Call(one, flag) for flag in flags for one in self._of_flags.get(flag, ()))
        self._call(due)

    def tell_status(self, status: Status) -> None:
        """Have the callbacks of the state called."""
        with self._lock:
            due = [_Call(one, status) for one in self._of_status]
        self._call(due)

    def close(self) -> None:
        """Call nobody any more."""
        with self._lock:
            for callbacks in (self._of_flags, self._of_all, self._of_status):
                callbacks.clear()
            if self._thread is not None:
                self._thread = None
                with suppress(queue.Full):  # then it is at work, and a daemon
                    self._waiting.put_nowait(None)

    def after_fork(self) -> None:
        """Begin anew in a process that was forked off, where the thread is not."""
        self._lock = threading.Lock()
        self._waiting = queue.Queue(_MOST_WAITING)
        if self._thread is not None:
            self._thread = None
            self._need_thread()

    def _add_to(self, callbacks: list[T], callback: T) -> Callable[[], None]:
        with self._lock:
            callbacks.append(callback)
            self._need_thread()

        def remove() -> None:
            with self._lock:
                _drop(callbacks, callback)

        return remove

    def _call(self, due: Iterable[_Call]) -> None:
        for call in due:
            try:
                self._waiting.put_nowait(call)
            except queue.Full:
                self.lost += 1

    def _need_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=_run, args=(self._waiting,), name="pennon-on-change", daemon=True
            )
            self._thread.start()


class _Call(NamedTuple):
    """A callback, and what it is told."""

    callback: Callable[[Any], object]
    told: Any


def _run(waiting: queue.Queue[_Call | None]) -> None:
    while (call := waiting.get()) is not None:
        try:
            call.callback(call.told)
        except Exception:
            log.exception("A callback of a Pennon client failed.")


def _drop(callbacks: list[T], callback: T) -> None:
    with suppress(ValueError):
        callbacks.remove(callback)
