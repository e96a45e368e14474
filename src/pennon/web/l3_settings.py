"""The settings of whoever uses NATS or L3: where they are, and how to get in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pennon.errors import Fault
from pennon.kv.cloudflare_address import CLOUDFLARE, cloudflare_address, is_cloudflare
from pennon.kv.nats_address import NATS, NatsAddress, servers_of, shown
from pennon.web.settings import Settings, folder_faults

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class NatsSettings(Settings):
    """How a node gets into NATS, whatever it does there."""

    nats_name: str = "pennon"
    """The installation's name in NATS: its bucket, and the first word of its subjects."""

    nats_creds: Path | None = None
    """A file of NATS credentials (.creds)."""

    nats_token: str | None = None
    """A NATS token; prefer the environment variable, which `ps` hides."""

    nats_ca: Path | None = None
    """A file of the certificates to trust; with it, NATS is spoken to through TLS only."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if not _NAME.fullmatch(self.nats_name):
            yield Fault(
                "--nats-name",
                f"expected 1 to 64 letters, digits, '_' or '-', got {self.nats_name!r}",
            )
        for option, file in (("--nats-creds", self.nats_creds), ("--nats-ca", self.nats_ca)):
            if file is not None and not file.is_file():
                yield Fault(option, f"expected a file, but there is none at {file}")

    def nats_address(self, text: str) -> NatsAddress:
        """Return the address that *text*, which was checked, leads to."""
        return NatsAddress(
            servers=servers_of(text) or (),
            credentials=self.nats_creds,
            token=self.nats_token,
            ca=self.nats_ca,
        )


@dataclass(frozen=True, kw_only=True)
class L3Settings(NatsSettings):
    """Where L3 is."""

    l3: str | None = None
    """The shared datafiles: nats://HOST:4222, cloudflare://ACCOUNT/NAMESPACE, or a folder."""

    cloudflare_token: str | None = None
    """The token for Cloudflare's KV; prefer the environment variable, which `ps` hides."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if self.l3 is None:
            return
        if "://" not in self.l3:
            yield from folder_faults("--l3", Path(self.l3))
        elif is_cloudflare(self.l3):
            yield from self._cloudflare_faults(self.l3)
        elif servers_of(self.l3) is None:
            yield Fault(
                "--l3",
                f"expected {NATS}HOST:4222, {CLOUDFLARE}… or a folder, got {shown(self.l3)!r}",
            )

    def _cloudflare_faults(self, address: str) -> Iterator[Fault]:
        if cloudflare_address(address) is None:
            wanted = f"{CLOUDFLARE}ACCOUNT/NAMESPACE, 32 hexadecimal digits each"
            yield Fault("--l3", f"expected {wanted}, got {address!r}")
        if not self.cloudflare_token:
            yield Fault("--cloudflare-token", f"expected a token for {CLOUDFLARE}")
