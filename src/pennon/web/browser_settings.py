"""The settings of nodes that browsers ask: whose pages may, and how many streams they may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pennon.errors import Fault
from pennon.web.admission_settings import AdmissionSettings
from pennon.web.settings import is_web_address

_WORDS: Final = ("*", "none")


@dataclass(frozen=True, kw_only=True)
class BrowserSettings(AdmissionSettings):
    """What a node that evaluates is told of browsers."""

    cors_origins: tuple[str, ...] = ()
    """The origins of pages that may ask, such as https://app.example.com; none for no page."""

    event_streams: int = 20_000
    """The most event streams that pages may hold at once; 0 offers none."""

    client_streams: int = 20_000
    """The most client streams that pages and apps may hold at once; 0 offers none."""

    refetch_seconds: float = 1.0
    """The most seconds over which many pages are told to fetch again; 0 tells all at once."""

    @property
    def pages(self) -> frozenset[str] | None:
        """The origins of pages that may ask; None means every page."""
        if not self.cors_origins or "*" in self.cors_origins:
            return None
        return frozenset(self.cors_origins) - {"none"}

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        for name in ("event", "client"):
            streams = getattr(self, f"{name}_streams")
            if not 0 <= streams <= 1_000_000:
                yield Fault(f"--{name}-streams", f"expected 0 to 1000000, got {streams}")
        if not 0 <= self.refetch_seconds <= 60:
            yield Fault("--refetch-seconds", f"expected 0 to 60, got {self.refetch_seconds:g}")
        for origin in self.cors_origins:
            if origin not in _WORDS and not _is_origin(origin):
                yield Fault(
                    "--cors-origins",
                    "expected an origin as a browser says it, such as https://app.example.com, "
                    f"or '*' or 'none'; got {origin!r}",
                )


def _is_origin(text: str) -> bool:
    """Return whether a browser would say *text*: scheme, host and port, in lower case."""
    return is_web_address(text) and text == f"{urlsplit(text).scheme}://{urlsplit(text).netloc}"
