"""NATS addresses: one server or several of a cluster, and how to get in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

NATS: Final = "nats://"
TLS: Final = "tls://"

_HIDDEN: Final = "***"


@dataclass(frozen=True, kw_only=True)
class NatsAddress:
    """
    The servers of one NATS, with what proves who we are.

    `credentials` is a file as NATS tools write it (``.creds``), `ca` one with the certificates to
    trust. With either ``tls://`` or `ca`, a server that speaks plainly is told nothing.
    """

    servers: tuple[str, ...]
    credentials: Path | None = None
    token: str | None = None
    ca: Path | None = None

    @property
    def wants_tls(self) -> bool:
        """Whether a connection without TLS is refused."""
        return self.ca is not None or any(server.startswith(TLS) for server in self.servers)


def is_nats(text: str) -> bool:
    """Return whether *text* is meant as a NATS address."""
    return text.startswith((NATS, TLS))


def servers_of(text: str) -> tuple[str, ...] | None:
    """Return the servers in ``nats://one:4222,nats://two:4222``; None where it says another."""
    servers = tuple(server.strip() for server in text.split(","))
    return servers if all(map(_is_server, servers)) else None


def shown(text: str) -> str:
    """Return an address as it may be printed and logged: without a user, password or token."""
    return ",".join(_shown(server) for server in text.split(","))


def _is_server(server: str) -> bool:
    try:
        parts = urlsplit(server)
        return is_nats(server) and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _shown(server: str) -> str:
    account, at, host = server.rpartition("@")
    scheme = account.partition("://")[0]
    return f"{scheme}://{_HIDDEN}@{host}" if at else server
