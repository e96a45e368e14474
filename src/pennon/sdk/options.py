"""What a client is told: where its edge is, by what key, and what it may keep."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from pennon.errors import BadInput, Fault
from pennon.model.access import kind_of_key
from pennon.model.position import ACCESS, check_environment

if TYPE_CHECKING:
    from pathlib import Path

KEY_VARIABLE = "PENNON_SERVER_KEY"
URL_VARIABLE = "PENNON_URL"


class Options(Struct, frozen=True, kw_only=True):
    """What `Client` is told; see there. Seconds are seconds."""

    key: str
    url: str
    environment: str | None = None
    cache: Path | None = None
    timeout: float = 10.0
    idle_seconds: float = 25.0
    stale_seconds: float = 75.0
    flush_seconds: float = 10.0
    events: bool = True
    proxy: str | None = None
    ca: Path | None = None

    def __repr__(self) -> str:
        return f"Options(url={self.url!r}, environment={self.environment!r})"

    def checked(self) -> Options:
        """Return these options. Raises BadInput, with every fault, when they cannot be used."""
        if faults := list(self._faults()):
            raise BadInput(faults)
        return self

    def _faults(self) -> Iterator[Fault]:
        if kind_of_key(self.key) != "server":
            kind = kind_of_key(self.key)
            got = f"a {kind} key" if kind else "something else" if self.key else "nothing"
            yield Fault("key", f"expected a server key (pnn_srv_…) or {KEY_VARIABLE}, got {got}")
        for name, url in (("url", self.url), ("proxy", self.proxy)):
            if url is not None and not _is_web_address(url):
                yield Fault(
                    name, f"expected an address such as https://edge.example.com, got {url!r}"
                )
        if self.environment is not None and not _names_environment(self.environment):
            yield Fault(
                "environment", f"expected a name as shop/production, got {self.environment!r}"
            )
        for name in ("timeout", "idle_seconds", "stale_seconds", "flush_seconds"):
            seconds = getattr(self, name)
            if not 0 < seconds <= 86_400:
                yield Fault(name, f"expected above 0 to 86400 seconds, got {seconds!r}")
        if self.ca is not None and not self.ca.is_file():
            yield Fault("ca", f"expected a file of certificates, but there is none at {self.ca}")


def key_and_url(
    key: str | None, url: str | None, environ: Mapping[str, str] = os.environ
) -> tuple[str, str]:
    """Return what was given, or else what the environment variables say."""
    return (
        key if key is not None else environ.get(KEY_VARIABLE, ""),
        url if url is not None else environ.get(URL_VARIABLE, "http://127.0.0.1:8621"),
    )


def path_of(path: str | Path | None) -> Path | None:
    """Return *path* as an object."""
    from pathlib import Path

    return None if path is None else Path(path)


def _is_web_address(text: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _names_environment(text: str) -> bool:
    try:
        return check_environment(text) != ACCESS
    except BadInput:
        return False
