"""What the work behind a request notes for its answer, however deep down it is done."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Final

PROPAGATION_HEADER: Final = "X-Pennon-Propagation"
MOST_ADDRESSES: Final = 20

_addresses: ContextVar[list[str] | None] = ContextVar("addresses", default=None)


def begin() -> list[str]:
    """Return where addresses are noted from now on, in this request and the tasks it starts."""
    addresses: list[str] = []
    _addresses.set(addresses)
    return addresses


def note_propagation(addresses: Iterable[str]) -> None:
    """Note where to ask who has what the request has changed; outside of one, do nothing."""
    noted = _addresses.get()
    if noted is not None:
        noted.extend(addresses)
