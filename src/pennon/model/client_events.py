"""What a client stream says: everything at first, then what changes of it."""

from __future__ import annotations

from collections.abc import Mapping

from pennon.model.bootstrap import BootstrapFlag
from pennon.model.flag import Wire


class Put(Wire, frozen=True, kw_only=True):
    """All that flags serve a context: it replaces whatever a client has of it."""

    version: str
    epoch: str
    flags: dict[str, BootstrapFlag]

    def applied_to(self, flags: Mapping[str, BootstrapFlag]) -> dict[str, BootstrapFlag]:
        """Return what a client has after this that had *flags*."""
        return dict(self.flags)


class Patch(Wire, frozen=True, kw_only=True):
    """What flags serve a context that served something else, and those without a value by now."""

    version: str
    epoch: str
    flags: dict[str, BootstrapFlag] = {}
    removed: tuple[str, ...] = ()

    def applied_to(self, flags: Mapping[str, BootstrapFlag]) -> dict[str, BootstrapFlag]:
        """Return what a client has after this that had *flags*."""
        return {key: flag for key, flag in flags.items() if key not in self.removed} | self.flags
