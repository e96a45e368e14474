"""What an evaluating node may tell of the contexts that it evaluates for: by default nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pennon.errors import Fault
from pennon.web.settings import Settings

_POLICIES: Final = ("off", "keys", "attributes")


@dataclass(frozen=True, kw_only=True)
class SamplingSettings(Settings):
    """Whether contexts are sampled, for dry runs that say who is affected."""

    contexts: str = "off"
    """Which contexts to sample: none (off), their keys, or their attributes too."""

    private: tuple[str, ...] = ()
    """Attributes, such as email, that never leave the node; again for each."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if self.contexts not in _POLICIES:
            yield Fault("--contexts", f"expected off, keys or attributes, got {self.contexts!r}")
