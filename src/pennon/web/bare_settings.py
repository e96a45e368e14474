"""The settings of the data plane's own server: what a client may send, how slowly, how often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pennon.errors import Fault
from pennon.web.bare.limits import Limits
from pennon.web.client_address import FORWARDED, FORWARDED_FOR, Proxies
from pennon.web.settings import NodeSettings


@dataclass(frozen=True, kw_only=True)
class BareSettings(NodeSettings):
    """What a node is told of its connections that serves the data plane alone."""

    head_bytes: int = Limits.head_bytes
    """The largest head of a request, its line and headers together, in bytes."""

    head_seconds: float = Limits.head_seconds
    """Seconds that a client has from the first byte of a request to the end of its head."""

    body_seconds: float = Limits.body_seconds
    """Seconds that it has from there to the end of the body."""

    keep_alive_seconds: float = Limits.idle_seconds
    """Seconds for which a connection is kept between two requests."""

    connections: int = Limits.connections
    """The most connections that may be open at once, streams included."""

    connections_per_address: int = Limits.connections_per_address
    """The most of them that one address may have open, trusted proxies apart; 0 for no limit."""

    proxy_header: str = FORWARDED_FOR
    """The header in which trusted proxies tell of the client: what the proxy writes itself."""

    @property
    def proxies(self) -> Proxies:
        """What finds the address of a client behind proxies."""
        return Proxies(self.trusted, self.proxy_header)

    @property
    def limits(self) -> Limits:
        """All of it as the server takes it."""
        return Limits(
            head_bytes=self.head_bytes,
            body_bytes=self.body_bytes,
            head_seconds=self.head_seconds,
            body_seconds=self.body_seconds,
            idle_seconds=self.keep_alive_seconds,
            connections=self.connections,
            connections_per_address=self.connections_per_address,
        )

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if self.proxy_header not in (FORWARDED_FOR, FORWARDED):
            yield Fault(
                "--proxy-header",
                f"expected {FORWARDED_FOR} or {FORWARDED}, got {self.proxy_header!r}",
            )
        if not 1024 <= self.head_bytes <= 1024 * 1024:
            yield Fault("--head-bytes", f"expected 1024 to 1048576, got {self.head_bytes}")
        for name in ("head", "body", "keep_alive"):
            seconds = getattr(self, f"{name}_seconds")
            if not 0.1 <= seconds <= 3_600:
                option = f"--{name.replace('_', '-')}-seconds"
                yield Fault(option, f"expected 0.1 to 3600, got {seconds:g}")
        if not 1 <= self.connections <= 10_000_000:
            yield Fault("--connections", f"expected 1 to 10000000, got {self.connections}")
        if not 0 <= self.connections_per_address <= 10_000_000:
            yield Fault(
                "--connections-per-address",
                f"expected 0 to 10000000, got {self.connections_per_address}",
            )
