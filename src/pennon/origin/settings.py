"""The settings of an origin, alone (`pennon origin`) or with an edge in it (`pennon up`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pennon.errors import Fault
from pennon.kv.nats_address import NATS, servers_of
from pennon.kv.nats_address import shown as shown_nats
from pennon.model.access import kind_of_key
from pennon.origin.database_address import POSTGRESQL, SQLITE, backend_of, shown
from pennon.web.evaluating_settings import EvaluatingSettings
from pennon.web.event_settings import EventSettings
from pennon.web.l3_settings import L3Settings
from pennon.web.sampling_settings import SamplingSettings
from pennon.web.settings import NodeSettings, Settings, folder_faults, is_web_address

_MOST_DAYS = 36_500


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings(Settings):
    """Where the state is: all that `pennon migrate` needs."""

    data: Path = Path("pennon-data")
    """The folder of the origin's state and keys; up and migrate make it when it is missing."""

    database: str | None = None
    """sqlite:///PATH or postgresql://USER@HOST/NAME; by default pennon.db in the data folder."""

    @property
    def database_url(self) -> str:
        """The database's address, the default one resolved."""
        return self.database or f"{SQLITE}{self.data / 'pennon.db'}"

    @property
    def database_shown(self) -> str:
        """The database's address as it may be printed and logged: without a password."""
        return shown(self.database_url)

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        yield from folder_faults("--data", self.data)
        if backend_of(self.database_url) is None:
            # the rest of the address may hold a password
            scheme = self.database_url.partition(":")[0]
            yield Fault(
                "--database",
                f"expected {SQLITE}PATH or {POSTGRESQL}USER@HOST/NAME, "
                f"got an address of {scheme!r}",
            )


@dataclass(frozen=True, kw_only=True)
class PublishingSettings(L3Settings):
    """Where an origin writes the shared datafiles, and how."""

    l3_replicas: int = 1
    """On how many NATS servers each datafile is kept, when the bucket is made: 1, 3 or 5."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if not 1 <= self.l3_replicas <= 5:
            yield Fault("--l3-replicas", f"expected 1 to 5, got {self.l3_replicas}")


@dataclass(frozen=True, kw_only=True)
class OwnL3Settings(DatabaseSettings, PublishingSettings):
    """A database, and the L3 that is made from it: by default a folder beside it."""

    l3: str | None = None
    """The shared datafiles: nats://HOST:4222 or a folder; by default l3 in the data folder."""

    @property
    def l3_address(self) -> str:
        """Where L3 is, the default resolved."""
        return self.l3 or str(self.data / "l3")


@dataclass(frozen=True, kw_only=True)
class OriginSettings(NodeSettings, DatabaseSettings, PublishingSettings):
    """What an origin is told at its start."""

    keep_days: int = 7
    """Days for which changes are kept; an edge that was away for longer fetches everything."""

    keep_changes: int = 100_000
    """The most changes kept of an environment, however young."""

    purge_days: int = 30
    """Days for which a deleted flag or segment can be restored; then it is purged."""

    event_days: int = 90
    """Days for which exposures and custom events are kept."""

    bus: str | None = None
    """What wakes the other origins: memory, postgres or nats://HOST:4222."""

    tick_seconds: float | None = None
    """Seconds between two looks that nothing woke; by default 1, and 0.1 on a replica."""

    sample: bool = False
    """Create the sample project `shop` when the database holds no project."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if not 1 <= self.keep_days <= _MOST_DAYS:
            yield Fault("--keep-days", f"expected 1 to {_MOST_DAYS}, got {self.keep_days}")
        if self.keep_changes < 1:
            yield Fault("--keep-changes", f"expected 1 or more, got {self.keep_changes}")
        if not 1 <= self.purge_days <= _MOST_DAYS:
            yield Fault("--purge-days", f"expected 1 to {_MOST_DAYS}, got {self.purge_days}")
        if not 1 <= self.event_days <= _MOST_DAYS:
            yield Fault("--event-days", f"expected 1 to {_MOST_DAYS}, got {self.event_days}")
        yield from self._bus_faults()

    def _bus_faults(self) -> Iterator[Fault]:
        if self.tick_seconds is not None and not 0.01 <= self.tick_seconds <= 3600:
            yield Fault("--tick-seconds", f"expected 0.01 to 3600, got {self.tick_seconds:g}")
        if self.bus is None or self.bus == "memory" or servers_of(self.bus) is not None:
            return
        if self.bus != "postgres":
            yield Fault(
                "--bus",
                f"expected memory, postgres or {NATS}HOST:4222, got {shown_nats(self.bus)!r}",
            )
        elif backend_of(self.database_url) != "postgresql":
            yield Fault("--bus", f"postgres needs a {POSTGRESQL} address as --database")


@dataclass(frozen=True, kw_only=True)
class StandaloneSettings(OriginSettings):
    """What `pennon origin` is told: an origin that may also serve a replica, or streams alone."""

    read_only: bool = False
    """Change nothing: answer reads and feed streams from a PostgreSQL replica."""

    streams_only: bool = False
    """Serve the streams of edges alone, beside origins that have the API, on one PostgreSQL."""

    primary: str | None = None
    """The origin to pass reports on to: receipts, nodes, and on a replica counts as well."""

    key: str | None = None
    """The relay key to report to --primary with; prefer the environment variable."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        for option, given in (
            ("--read-only", self.read_only),
            ("--streams-only", self.streams_only),
        ):
            if given and backend_of(self.database_url) == "sqlite":
                yield Fault(option, f"expected a {POSTGRESQL} address as --database")
            if given and self.sample:
                yield Fault("--sample", f"cannot be created by an origin that is {option}")
        yield from self._primary_faults()
        if self.read_only and self.bus == "postgres":
            yield Fault("--bus", f"a replica has no postgres bus; expected {NATS}HOST:4222")

    def _primary_faults(self) -> Iterator[Fault]:
        if self.primary is None:
            return
        if not (self.read_only or self.streams_only):
            yield Fault("--primary", "is for an origin that is --read-only or --streams-only")
        if not is_web_address(self.primary):
            yield Fault(
                "--primary",
                f"expected an address such as http://127.0.0.1:8620, got {self.primary!r}",
            )
        if self.key is None:
            yield Fault("--key", "is needed beside --primary")
        elif kind_of_key(self.key) != "relay":
            yield Fault("--key", "expected a relay key (pnn_rly_…)")


@dataclass(frozen=True, kw_only=True)
class EmbeddedSettings(
    EventSettings, SamplingSettings, OwnL3Settings, OriginSettings, EvaluatingSettings
):
    """What `pennon up` is told: an origin that starts with something to look at."""

    sample: bool = True
    """Create the sample project `shop` when the database holds no project."""
