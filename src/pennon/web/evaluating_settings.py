"""The settings of nodes that evaluate: what browsers may, and how long members are waited for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pennon.errors import Fault
from pennon.web.browser_settings import BrowserSettings
from pennon.web.members_settings import MembersSettings


@dataclass(frozen=True, kw_only=True)
class EvaluatingSettings(BrowserSettings, MembersSettings):
    """What a node that evaluates is told."""

    members_deadline_ms: int = 100
    """Milliseconds that an answer waits at most to know who is in external segments."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if not 0 <= self.members_deadline_ms <= 60_000:
            yield Fault(
                "--members-deadline-ms", f"expected 0 to 60000, got {self.members_deadline_ms}"
            )
