"""What both clients are: evaluations, and the thread that keeps what they read current."""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from pennon.evaluation.ruleset import Ruleset
from pennon.sdk.evaluations import Evaluations
from pennon.sdk.forks import forks
from pennon.sdk.health import Health, Status
from pennon.sdk.held import Held
from pennon.sdk.listeners import Listeners, OnFlag, OnFlags, OnStatus
from pennon.sdk.options import Options, key_and_url

if TYPE_CHECKING:
    from pennon.sdk.background import Background

_END_SECONDS: Final = 2.0
_FIRST_TRY_SECONDS: Final = 2.0
"""How long a fork waits for the first try to connect, which imports what that takes."""


class Core(Evaluations):
    """A client without a way to wait; `Client` and `AsyncClient` add theirs."""

    def __init__(
        self,
        key: str | None = None,
        url: str | None = None,
        *,
        environment: str | None = None,
        cache: str | Path | None = None,
        timeout: float = 10.0,
        idle_seconds: float = 25.0,
        stale_seconds: float = 75.0,
        proxy: str | None = None,
        ca: str | Path | None = None,
        offline: bool = False,
    ) -> None:
        """
        Begin to follow, in the background.

        *key* is a server key and *url* the address of an edge, a connector or an origin; without
        them ``PENNON_SERVER_KEY`` and ``PENNON_URL`` are read. *environment* is needed where the
        key opens several. With *cache*, a folder, the client starts from what it had last while
        there is no network. *timeout* is of a connection and an answer, *idle_seconds* are those
        without a byte after which the stream is taken for dead, *stale_seconds* those without
        news after which answers are marked. *proxy* and *ca*, a file of certificates to trust,
        are for the way to the edge. A client that is *offline* asks nobody.

        Raises BadInput, with every fault, for options that cannot be used.
        """
        super().__init__(Held(), Health(stale_seconds))
        self._options: Options | None = None
        self._background: Background | None = None
        self._listeners = Listeners()
        if offline:
            self._state = "offline"
        else:
            key, url = key_and_url(key, url)
            self._options = Options(
                key=key,
                url=url,
                environment=environment,
                cache=None if cache is None else Path(cache),
                timeout=timeout,
                idle_seconds=idle_seconds,
                stale_seconds=stale_seconds,
                proxy=proxy,
                ca=None if ca is None else Path(ca),
            ).checked()
            self._follow(self._options)
        forks.add(self)
        _open.add(self)

    @classmethod
    def from_file(cls, datafile: str | Path) -> Self:
        """
        Return a client that asks nobody and serves a datafile, such as ``pennon export`` gives.

        Raises OSError, and BadInput when it is none.
        """
        client = cls(offline=True)
        client.serve(Ruleset.from_datafile(Path(datafile).read_bytes()))
        return client

    def serve(self, ruleset: Ruleset) -> None:
        """Serve *ruleset* from now on: for a client that is offline."""
        with self.held.writing:
            self.held.load(ruleset)

    def on_change(self, flag: str, callback: OnFlag) -> Callable[[], None]:
        """
        Call *callback* with the flag's key whenever its answers may have changed; return the undo.

        That is when the flag, or a flag or a segment that it uses, has changed. It is called in a
        thread of its own, one call after another.
        """
        self._tell_changes()
        return self._listeners.add(flag, callback)

    def on_changes(self, callback: OnFlags) -> Callable[[], None]:
        """
        Call *callback* with the keys of all flags that a change can reach; return the undo.

        It is called once a change, in the thread of `on_change`.
        """
        self._tell_changes()
        return self._listeners.add_of_all(callback)

    def on_status(self, callback: OnStatus) -> Callable[[], None]:
        """
        Call *callback* with the client's `Status` whenever its state is another; return the undo.

        So it is told within a second of a client that is ready, becomes stale, or is so no more.
        """
        return self._listeners.add_of_status(callback)

    # What a fork calls; see `Forked`.

    def before_fork(self) -> None:
        if self._background is not None:
            # A module that a thread is half through with importing stays half in a child.
            self.health.tried.wait(_FIRST_TRY_SECONDS)
        self.held.writing.acquire()

    def after_fork_in_parent(self) -> None:
        self.held.writing.release()

    def after_fork_in_child(self) -> None:
        self.held.after_fork()
        self._listeners.after_fork()
        if self._background is not None and self._options is not None:
            self.health.begin()
            self._follow(self._options)

    def tell_status(self, status: Status) -> None:
        """Have the callbacks of `on_status` called."""
        self._listeners.tell_status(status)

    @property
    def _first(self) -> Future[None]:
        """Done once something is loaded."""
        return self.held.loaded

    def _tell_changes(self) -> None:
        # What a change can reach is worked out for those alone who want to know.
        if self.held.on_change is None:
            self.held.tell(self._listeners.tell)

    def _follow(self, options: Options) -> None:
        # What it takes to ask over a network is not imported by who asks nobody, nor before.
        from pennon.sdk.background import Background
        from pennon.sdk.following import Following

        self._background = Background(Following(self, options).run)
        self._background.start()

    def _end(self, timeout: float) -> None:
        """Follow no more, and wait for that, at most *timeout* seconds."""
        self._state = "closed"
        forks.remove(self)
        _open.discard(self)
        background, self._background = self._background, None
        if background is not None:
            background.stop(timeout)
        self._listeners.close()


_open: weakref.WeakSet[Core] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """Let no thread speak while the interpreter goes."""
    for client in list(_open):
        client._end(_END_SECONDS)
