"""The settings of an edge: those of a connector, with a port and a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pennon.connector.settings import ConnectorSettings
from pennon.web.evaluating_settings import EvaluatingSettings
from pennon.web.event_settings import EventSettings
from pennon.web.sampling_settings import SamplingSettings


@dataclass(frozen=True, kw_only=True)
class EdgeSettings(EventSettings, SamplingSettings, ConnectorSettings, EvaluatingSettings):
    """What an edge is told at its start."""

    port: int = 8621
    """The port to listen on; 0 takes any free one."""

    data: Path = Path("pennon-edge")
    """The folder of the node's last datafiles, from which it starts when the parent is down."""
