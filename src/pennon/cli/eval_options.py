"""The options of `pennon eval`: whom a flag is evaluated for, and where the flags are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pennon.cli.connection import DEFAULT_URL
from pennon.errors import Fault
from pennon.web.settings import Settings, folder_faults, is_web_address


@dataclass(frozen=True, kw_only=True)
class ContextOptions:
    """Whom the flag is evaluated for."""

    user: Annotated[str | None, Parameter(name=["--user", "--targeting-key"])] = None
    """The key of the user, or of another --kind."""

    attr: Annotated[tuple[str, ...], Parameter(name="--attr")] = ()
    """An attribute, such as plan=pro or /address/country=DE; say it again for each."""

    kind: str | None = None
    """The kind that --user and --attr describe; by default user."""

    context: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None
    """A context in JSON; @FILE reads a file, - standard input. --user and --attr add to it."""


@dataclass(frozen=True, kw_only=True)
class FlagSource(Settings):
    """Where the flags are. What is left out is read from the keys that `pennon up` saved."""

    datafile: Path | None = None
    """A file to evaluate: JSON as GET /sync/v1/datafile gives it, or a .datafile of an edge."""

    data: Path | None = None
    """A data folder: an edge's, which is read, or pennon up's, which says whom to ask."""

    parent: str | None = None
    """The address of a node to ask; by default the one saved, else http://127.0.0.1:8620."""

    key: str | None = None
    """The relay key to ask with; by default the one saved, which is sent to this machine only."""

    at: str | None = None
    """A version, or a time such as 2026-11-20T12:00Z: ask the origin, with a token as --key."""

    project: Annotated[str | None, Parameter(alias="-p")] = None
    """The project, where --environment does not name it."""

    environment: Annotated[str | None, Parameter(alias="-e")] = None
    """The environment, such as shop/production."""

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the settings."""
        yield from super().faults()
        if self.parent is not None and not is_web_address(self.parent):
            yield Fault(
                "--parent", f"expected an address such as {DEFAULT_URL}, got {self.parent!r}"
            )
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            yield Fault("--key", "expected a key of plain ASCII characters")
        if self.data is not None:
            yield from folder_faults("--data", self.data)
