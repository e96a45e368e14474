"""The settings of an edge: those of a connector, with a port and a folder of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pennon.connector.settings import ConnectorSettings, environment_faults
from pennon.errors import Fault
from pennon.web.evaluating_settings import EvaluatingSettings
from pennon.web.event_settings import EventSettings
from pennon.web.sampling_settings import SamplingSettings

MOST_WORKERS: Final = 64
_LONGEST_NODE: Final = 60  # a node's name has 64 at most, and a worker is called edge-1.w63


@dataclass(frozen=True, kw_only=True)
class EdgeSettings(EventSettings, SamplingSettings, ConnectorSettings, EvaluatingSettings):
    """What an edge is told at its start."""

    port: int = 8621
    """The port to listen on; 0 takes any free one."""

    workers: int = 1
    """How many processes share the port; about one a core."""

    data: Path = Path("pennon-edge")
    """The folder of the node's last datafiles, from which it starts when the parent is down."""

    memory_mb: float = 50.0
    """Megabytes that environments may take in memory; others open on demand. 0 is without end."""

    pin: tuple[str, ...] = ()
    """An environment to load before all others and never to drop; again for each."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if not 0 <= self.memory_mb <= 1_000_000:
            yield Fault("--memory-mb", f"expected 0 to 1000000, got {self.memory_mb:g}")
        for name in self.pin:
            yield from environment_faults("--pin", name)
            if self.environments and name not in self.environments:
                yield Fault("--pin", f"expected one of --environments, got {name!r}")
        if not 1 <= self.workers <= MOST_WORKERS:
            yield Fault("--workers", f"expected 1 to {MOST_WORKERS}, got {self.workers}")
        elif self.workers > 1:
            yield from self._sharing_faults()

    def _sharing_faults(self) -> Iterator[Fault]:
        if not hasattr(socket, "SO_REUSEPORT"):
            yield Fault("--workers", "expected 1, since processes cannot share a port here")
        if len(self.node) > _LONGEST_NODE:
            yield Fault(
                "--node",
                f"expected at most {_LONGEST_NODE} characters, since each worker's name is longer",
            )
