"""What an evaluating node may be told of exposures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pennon.errors import Fault
from pennon.web.settings import Settings

_MOST_SECONDS: Final = 7 * 86_400


@dataclass(frozen=True, kw_only=True)
class EventSettings(Settings):
    """For how long a node remembers what it has told."""

    exposure_seconds: float = 3600.0
    """Seconds for which an exposure that was told is not told again."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if not 1 <= self.exposure_seconds <= _MOST_SECONDS:
            yield Fault(
                "--exposure-seconds",
                f"expected 1 to {_MOST_SECONDS}, got {self.exposure_seconds:g}",
            )
