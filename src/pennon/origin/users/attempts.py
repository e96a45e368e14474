"""How often one may try to sign in: by the name that is tried, and by the address that tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pennon.errors import BadInput, Unauthenticated
from pennon.web.allowance import Allowance
from pennon.web.client_address import neighbourhood


class Attempts:
    """
    Counts attempts before they are made, and forgets those that succeed. *clock* is in seconds.

    Names that nobody has are counted like others: being refused tells nothing.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._names = Allowance(5, 30.0, clock)
        self._addresses = Allowance(20, 3.0, clock)

    @contextmanager
    def counted(self, name: str, address: str) -> Iterator[None]:
        """Count what happens in a block if it fails. Raises TooManyAttempts."""
        place = neighbourhood(address)
        self._addresses.take(place)
        self._names.take(name)
        try:
            yield
        except (Unauthenticated, BadInput):
            raise
        except BaseException:
            self._forget(name, place)
            raise
        self._forget(name, place)

    def _forget(self, name: str, place: str) -> None:
        self._names.give_back(name)
        self._addresses.give_back(place)
