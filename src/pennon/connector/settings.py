"""The settings of a connector: whom it follows, who it is, and what it serves."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pennon.errors import BadInput, Fault
from pennon.model.access import kind_of_key
from pennon.model.position import ACCESS, check_environment
from pennon.web.bare_settings import BareSettings
from pennon.web.l3_settings import L3Settings
from pennon.web.members_settings import MembersSettings
from pennon.web.settings import Settings, folder_faults, is_web_address

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Identity(Settings):
    """Whom a node follows, who it is, and what it serves."""

    parent: tuple[str, ...]
    """The node to follow, such as http://127.0.0.1:8620; again for each to fall back to."""

    key: str
    """The relay key to follow it with; prefer the environment variable, which `ps` hides."""

    node: str = field(default_factory=platform.node)
    """The node's name, unique in its PoP; by default the machine's."""

    pop: str = "local"
    """The point of presence that the node belongs to."""

    region: str = ""
    """The region that the PoP belongs to."""

    lat: float | None = None
    """The PoP's latitude in degrees, north positive."""

    lon: float | None = None
    """The PoP's longitude in degrees, east positive."""

    environments: tuple[str, ...] = ()
    """The environments to serve, such as shop/production; by default all that the key grants."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        yield from self._parent_faults()
        yield from self._identity_faults()
        yield from self._place_faults()
        for name in self.environments:
            yield from environment_faults("--environments", name)

    def _parent_faults(self) -> Iterator[Fault]:
        expected = "expected an address such as http://127.0.0.1:8620"
        if not self.parent:
            yield Fault("--parent", f"{expected}, got nothing")
        for address in self.parent:
            if not is_web_address(address):
                yield Fault("--parent", f"{expected}, got {address!r}")
        kind = kind_of_key(self.key)
        if kind != "relay":
            got = f"got a key of kind {kind!r}" if kind else "got something else (or a typo)"
            yield Fault("--key", f"expected a relay key (pnn_rly_…), {got}")

    def _identity_faults(self) -> Iterator[Fault]:
        expected = "expected 1 to 64 letters, digits, '.', '_' or '-'"
        for option, value in (("--node", self.node), ("--pop", self.pop)):
            if not _NAME.fullmatch(value):
                yield Fault(option, f"{expected}, got {value!r}")
        if self.region and not _NAME.fullmatch(self.region):
            yield Fault("--region", f"{expected}, got {self.region!r}")

    def _place_faults(self) -> Iterator[Fault]:
        if (self.lat is None) != (self.lon is None):
            yield Fault("--lat", "expected both --lat and --lon, or neither")
        if self.lat is not None and not -90 <= self.lat <= 90:
            yield Fault("--lat", f"expected -90 to 90, got {self.lat:g}")
        if self.lon is not None and not -180 <= self.lon <= 180:
            yield Fault("--lon", f"expected -180 to 180, got {self.lon:g}")


@dataclass(frozen=True, kw_only=True)
class ConnectorSettings(BareSettings, Identity, L3Settings, MembersSettings):
    """What a connector is told at its start, and an edge as well."""

    port: int = 8622
    """The port to listen on; 0 takes any free one."""

    data: Path = Path("pennon-connector")
    """The folder of the node's last datafiles, from which it starts when the parent is down."""

    bundle: Path | None = None
    """A folder that pennon bundle wrote, to start from when there is nothing newer anywhere."""

    return_seconds: float = 30.0
    """Seconds for which a preferred parent must be healthy before the node goes back to it."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if not 0 < self.return_seconds <= 86_400:
            yield Fault(
                "--return-seconds", f"expected above 0 to 86400, got {self.return_seconds:g}"
            )
        yield from folder_faults("--data", self.data)
        if self.bundle is not None and not self.bundle.is_dir():
            yield Fault("--bundle", f"expected a folder, but there is none at {self.bundle}")


def environment_faults(option: str, name: str) -> Iterator[Fault]:
    """Yield what is wrong with *name*, which *option* gives, as that of an environment."""
    try:
        is_good = check_environment(name) != ACCESS
    except BadInput:
        is_good = False
    if not is_good:
        yield Fault(option, f"expected names such as shop/production, got {name!r}")
