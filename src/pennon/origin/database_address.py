"""Database addresses: which kind of database one means, and how to show one without its secret."""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

Backend = Literal["sqlite", "postgresql"]

SQLITE: Final = "sqlite:///"
POSTGRESQL: Final = "postgresql://"

_HIDDEN: Final = "***"


def backend_of(address: str) -> Backend | None:
    """Return the kind of database that *address* is of; None where we know no such kind."""
    if address.startswith(SQLITE) and address != SQLITE:
        return "sqlite"
    return "postgresql" if address.startswith(POSTGRESQL) else None


def shown(address: str) -> str:
    """Return *address* as it may be printed and logged: without a password."""
    if not address.startswith(POSTGRESQL):
        return address
    parts = urlsplit(address)
    if "@" in parts.path + parts.query + parts.fragment:
        # A sign in the password that should have been encoded: it does not end where we think.
        return f"{POSTGRESQL}{_HIDDEN}"
    account, at, host = parts.netloc.rpartition("@")
    user, colon, _ = account.partition(":")
    query = [
        (name, _HIDDEN if "password" in name else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    netloc = f"{user}{colon}{_HIDDEN if colon else ''}{at}{host}"
    # The driver's own scheme is `postgresql`; urlunsplit would drop the slashes of no host.
    path = urlunsplit(("", "", parts.path, urlencode(query, safe="/*"), ""))
    return f"{POSTGRESQL}{netloc}{path}"
