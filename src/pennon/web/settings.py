"""
The settings that every serving node has, whatever its role.

A settings class is the one place where a setting is declared: the command line takes its options,
their environment variables (``--idle-seconds`` is ``PENNON_IDLE_SECONDS``) and their help from the
fields and the docstrings under them, and a test holds `docs/settings.md` to them.
They are dataclasses because the command-line library reads those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pennon.errors import BadInput, Fault
from pennon.web.client_address import LOOPBACK, Proxies, network_of


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The base of all settings: checked when they are made, every fault told at once."""

    def __post_init__(self) -> None:
        """Raise BadInput with every fault, each at the option that holds it."""
        if faults := tuple(self.faults()):
            raise BadInput(faults)

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from ()


@dataclass(frozen=True, kw_only=True)
class NodeSettings(Settings):
    """Where a node listens, and how it times its streams."""

    host: str = "127.0.0.1"
    """The address to listen on; 0.0.0.0 serves every interface."""

    port: int = 8620
    """The port to listen on; 0 takes any free one."""

    heartbeat_seconds: float = 30.0
    """Seconds between two heartbeats to a follower, each with position and digest."""

    comment_seconds: float = 10.0
    """Seconds between two comment lines, which keep a quiet stream open."""

    idle_seconds: float = 25.0
    """Seconds without a byte from the parent after which the node reconnects."""

    stale_seconds: float = 75.0
    """Seconds without contact with the parent after which answers are marked stale."""

    drain_seconds: float = 10.0
    """Seconds that a node which is told to stop has for requests and streams under way."""

    body_bytes: int = 1_048_576
    """The largest body of a request, in bytes; what nodes send each other has up to 1048576."""

    trusted_proxies: tuple[str, ...] = ()
    """Proxies that are believed about a client's address, as 10.0.0.0/8; by default loopback."""

    @property
    def trusted(self) -> tuple[str, ...]:
        """The addresses and networks of trusted proxies, the default resolved."""
        return tuple(each for each in self.trusted_proxies or LOOPBACK if each != "none")

    @property
    def proxies(self) -> Proxies:
        """What finds the address of a client behind them."""
        return Proxies(self.trusted)

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if not self.host.strip():
            yield Fault("--host", "expected an address such as 127.0.0.1, got nothing")
        if not 0 <= self.port <= 65535:
            yield Fault("--port", f"expected 0 to 65535, got {self.port}")
        yield from self._timing_faults()
        if not 1024 <= self.body_bytes <= 64 * 1024 * 1024:
            yield Fault("--body-bytes", f"expected 1024 to 67108864, got {self.body_bytes}")
        for each in self.trusted_proxies:
            if each != "none" and network_of(each) is None:
                yield Fault(
                    "--trusted-proxies",
                    f"expected an address, a network such as 10.0.0.0/8, or 'none'; got {each!r}",
                )

    def _timing_faults(self) -> Iterator[Fault]:
        for name in ("heartbeat", "comment", "idle", "stale", "drain"):
            seconds = getattr(self, f"{name}_seconds")
            if not 0 < seconds <= 86_400:
                yield Fault(f"--{name}-seconds", f"expected above 0 to 86400, got {seconds:g}")
        if self.comment_seconds >= self.idle_seconds:
            yield Fault(
                "--idle-seconds",
                f"expected more than --comment-seconds ({self.comment_seconds:g}), "
                f"or every quiet stream is cut; got {self.idle_seconds:g}",
            )
        if self.idle_seconds > self.stale_seconds:
            yield Fault(
                "--stale-seconds",
                f"expected at least --idle-seconds ({self.idle_seconds:g}), "
                f"got {self.stale_seconds:g}",
            )


def is_web_address(text: str) -> bool:
    """Return whether *text* is an address that a node can be asked at."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def folder_faults(option: str, folder: Path) -> Iterator[Fault]:
    """Yield the fault of a *folder* that cannot be one."""
    if folder.exists() and not folder.is_dir():
        yield Fault(option, f"expected a folder, but {folder} is a file")
