"""The client of an application that waits by blocking."""

from __future__ import annotations

from concurrent.futures import TimeoutError as NotInTime
from types import TracebackType
from typing import Self

from pennon.sdk.core import Core


class Client(Core):
    """
    Follows an environment and evaluates its flags in this process.

    It connects in the background: until something is loaded, which `ready` waits for, callers get
    their defaults. Nothing that goes wrong later reaches them either: what was loaded stays, and
    `status` says how old it is.

    >>> client = Client(offline=True)
    >>> client.boolean("new-checkout", {"targetingKey": "ada"}, default=True)
    True
    """

    def ready(self, timeout: float | None = 10.0) -> bool:
        """Wait until something is loaded, at most *timeout* seconds; return whether it is."""
        try:
            self._first.result(timeout)
        except NotInTime:
            return False
        return True

    def flush(self, timeout: float = 5.0) -> None:
        """Tell the edge now what was served and tracked, and wait for that."""
        self._flush(timeout)

    def close(self, timeout: float = 5.0) -> None:
        """Follow no more; what was loaded goes on being served."""
        self._end(timeout)

    def __enter__(self) -> Self:
        """Wait until something is loaded, for as long as `ready` does."""
        if self._options is not None:
            self.ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
