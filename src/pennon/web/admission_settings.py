"""The settings of what one may ask of a node that evaluates: how often, how much, how many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pennon.errors import Fault
from pennon.web.settings import NodeSettings


@dataclass(frozen=True, kw_only=True)
class AdmissionSettings(NodeSettings):
    """Limits for those who ask with a server, client or mobile key; each process counts alone."""

    key_rate: float = 0.0
    """Requests a second that one key may make, on average; 0 for no limit."""

    address_rate: float = 0.0
    """Requests a second that may come from one address, on average; 0 for no limit."""

    burst_seconds: float = 10.0
    """Seconds whose worth of requests may come at once, where there is a limit."""

    streams_per_key: int = 15_000
    """The most streams that pages may hold with one key; 0 for no limit."""

    streams_per_address: int = 5_000
    """The most streams that pages may hold from one address; 0 for no limit."""

    context_bytes: int = 131_072
    """The largest request that asks for an evaluation, in bytes."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        for name in ("key", "address"):
            rate = getattr(self, f"{name}_rate")
            if not (rate == 0 or 0.001 <= rate <= 1_000_000):
                yield Fault(f"--{name}-rate", f"expected 0, or 0.001 to 1000000, got {rate:g}")
        if not 0 < self.burst_seconds <= 3_600:
            yield Fault("--burst-seconds", f"expected above 0 to 3600, got {self.burst_seconds:g}")
        for name in ("key", "address"):
            most = getattr(self, f"streams_per_{name}")
            if not 0 <= most <= 1_000_000:
                yield Fault(f"--streams-per-{name}", f"expected 0 to 1000000, got {most}")
        if not 256 <= self.context_bytes <= self.body_bytes:
            yield Fault(
                "--context-bytes",
                f"expected 256 to --body-bytes ({self.body_bytes}), got {self.context_bytes}",
            )
