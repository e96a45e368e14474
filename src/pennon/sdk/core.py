"""What both clients are: evaluations, and the thread that keeps what they read current."""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, Self

from pennon.errors import BadInput
from pennon.evaluation.compile import get_ready
from pennon.evaluation.ruleset import Ruleset
from pennon.model.events import Property
from pennon.sdk.evaluations import Evaluations, Given, context_of
from pennon.sdk.forks import forks
from pennon.sdk.health import Health, Stats, Status, log
from pennon.sdk.held import Held
from pennon.sdk.listeners import Listeners, OnFlag, OnFlags, OnStatus
from pennon.sdk.options import Options, key_and_url, path_of
from pennon.sdk.recorder import Recorder

if TYPE_CHECKING:
    from pathlib import Path

    from pennon.sdk.background import Background
    from pennon.sdk.telling import Telling

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
        flush_seconds: float = 10.0,
        events: bool = True,
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
        news after which answers are marked. Every *flush_seconds* the edge is told what was served
        and tracked, unless *events* is false. *proxy* and *ca*, a file of certificates to trust,
        are for the way to the edge. A client that is *offline* asks nobody.

        Raises BadInput, with every fault, for options that cannot be used.
        """
        # Here, and not in a thread: what one is half through with importing, a fork never has.
        get_ready()
        super().__init__(Held(), Health(stale_seconds))
        self.recorder = Recorder(self.held)
        self.telling: Telling | None = None
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
                cache=path_of(cache),
                timeout=timeout,
                idle_seconds=idle_seconds,
                stale_seconds=stale_seconds,
                flush_seconds=flush_seconds,
                events=events,
                proxy=proxy,
                ca=path_of(ca),
            ).checked()
            if events:
                self._count = self.recorder.count
            self._follow(self._options)
        forks.add(self)
        _open.add(self)

    @classmethod
    def from_file(cls, datafile: str | Path) -> Self:
        """
        Return a client that asks nobody and serves a datafile, such as the origin gives of any
        version.

        Raises OSError, and BadInput when it is none.
        """
        client = cls(offline=True)
        with open(datafile, "rb") as file:
            client.serve(Ruleset.from_datafile(file.read()))
        return client

    def serve(self, ruleset: Ruleset) -> None:
        """Serve *ruleset* from now on: for a client that is offline."""
        with self.held.writing:
            self.held.load(ruleset)

    def track(
        self,
        event: str,
        context: Given = None,
        value: float | None = None,
        properties: Mapping[str, Property] | None = None,
    ) -> None:
        """
        Tell that something happened to *context*: a purchase of *value*, a page shown.

        Of the context, kinds and keys are told and nothing else. *properties* are booleans,
        numbers, texts and None, 4 KiB together. What cannot be told is dropped, logged and counted.
        """
        if self._options is None or not self._options.events:
            return
        try:
            read = context_of(context)
        except BadInput as error:
            log.warning("Pennon cannot tell of the event %r: %s", event, error)
            return
        self.recorder.track(event, read, value, properties or {})

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

    @property
    def stats(self) -> Stats:
        """The client in numbers, for metrics; `pennon.sdk.prometheus` exports them."""
        telling = self.telling
        return Stats(
            stale_seconds=(self.status.stale_ms or 0) / 1000,
            streams_lost=self.health.lost,
            events_told=telling.told if telling else 0,
            events_waiting=telling.waiting if telling else 0,
            dropped=dict(self.recorder.dropped),
            callbacks_dropped=self._listeners.lost,
        )

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
        self.recorder.after_fork()
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
        from pennon.sdk.telling import Telling

        self.telling = Telling(options, self.recorder) if options.events else None
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
            self._flush(timeout)
        self._listeners.close()

    def _flush(self, timeout: float) -> None:
        """Tell what was recorded, from this thread."""
        if self.telling is not None:
            self.telling.flush_now(timeout)


_open: weakref.WeakSet[Core] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """Let no thread speak while the interpreter goes."""
    for client in list(_open):
        client._end(_END_SECONDS)
