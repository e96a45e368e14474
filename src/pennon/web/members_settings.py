"""The settings of nodes that remember who is a member of external segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pennon.errors import Fault
from pennon.relay.membership import BELIEVED_SECONDS, MOST_MEMBERS
from pennon.web.settings import Settings


@dataclass(frozen=True, kw_only=True)
class MembersSettings(Settings):
    """How much a node remembers of external segments, and for how long."""

    members: int = MOST_MEMBERS
    """The most keys of external segments that are remembered; those used last stay."""

    members_seconds: float = BELIEVED_SECONDS
    """Seconds for which a key is remembered before it is asked about again."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if not 1_000 <= self.members <= 10_000_000:
            yield Fault("--members", f"expected 1000 to 10000000, got {self.members}")
        if not 0 < self.members_seconds <= 86_400:
            yield Fault(
                "--members-seconds", f"expected above 0 to 86400, got {self.members_seconds:g}"
            )
