"""Which origin, project and environment a command speaks to, and with what token."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from cyclopts import Parameter

from pennon.errors import BadInput, Fault
from pennon.model.codec import decode
from pennon.model.flag import Wire
from pennon.web.settings import Settings, is_web_address

DEFAULT_URL = "http://127.0.0.1:8620"
FILE = "keys.json"
"""Where `pennon up` saves its keys, in its data folder."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SavedKeys(Wire, frozen=True, kw_only=True):
    """What `pennon up` keeps in ``keys.json``, as far as commands use it."""

    url: str | None = None
    admin_token: str | None = None
    relay_key: str | None = None
    project: str | None = None
    environment: str | None = None


@dataclass(frozen=True, kw_only=True)
class OriginAddress(Settings):
    """Where an origin is. What is left out is read from the keys that `pennon up` saved."""

    url: str | None = None
    """The origin's address; by default the one saved, else http://127.0.0.1:8620."""

    token: str | None = None
    """The token; by default the one saved, which is sent to this machine only."""

    data: Path = Path("pennon-data")
    """The data folder of `pennon up`, where it saved its keys."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if self.url is not None and not is_web_address(self.url):
            yield Fault("--url", f"expected an address such as {DEFAULT_URL}, got {self.url!r}")
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            yield Fault("--token", "expected a token of plain ASCII characters")


@dataclass(frozen=True, kw_only=True)
class Connection(OriginAddress):
    """Where the flags are."""

    project: Annotated[str | None, Parameter(alias="-p")] = None
    """The project, such as shop."""

    environment: Annotated[str | None, Parameter(alias="-e")] = None
    """The environment, such as production."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A `Connection` that is complete."""

    url: str
    token: str
    project: str
    environment: str


def resolve(
    connection: Connection, needed: Collection[str] = ("token", "project", "environment")
) -> Target:
    """
    Complete *connection* from the saved keys.

    Raises BadInput naming what is *needed* and still missing.
    """
    saved = saved_keys(connection.data, connection.url)
    found = {
        "token": connection.token or saved.admin_token,
        "project": connection.project or saved.project,
        "environment": connection.environment or saved.environment,
    }
    missing = [name for name in found if name in needed and not found[name]]
    if missing:
        raise BadInput(
            Fault(
                f"--{name}",
                f"is needed, since none is saved in {connection.data / FILE}",
            )
            for name in missing
        )
    url = connection.url or saved.url or DEFAULT_URL
    return Target(url=url.rstrip("/"), **{name: value or "" for name, value in found.items()})


def target_of(origin: OriginAddress) -> Target:
    """Complete an origin's address, for what belongs to no project. Raises BadInput."""
    return resolve(Connection(url=origin.url, token=origin.token, data=origin.data), ("token",))


def saved_keys(data: Path, url: str | None) -> SavedKeys:
    """Return the keys saved in *data*, unless *url* is another machine's: it is not to see them."""
    if url is not None and urlsplit(url).hostname not in _LOOPBACK:
        return SavedKeys()
    try:
        return decode((data / FILE).read_bytes(), SavedKeys)
    except FileNotFoundError:
        return SavedKeys()
