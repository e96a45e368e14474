"""
Where an environment stands: an epoch, and a version within it.

The version is dense: one change, one version, none left out. The epoch names one unbroken line
of versions and changes when the line may have forked (a restore, a promoted replica). Epochs
sort by time, so positions order as the pair does.
"""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

from msgspec import Meta

from pennon.errors import BadInput

ACCESS = "$access"
"""The reserved environment that carries keys and the names of environments."""

Epoch = Annotated[str, Meta(pattern=r"^[0-9]{13}-[0-9a-f]{8}$", max_length=22)]
"""An epoch on the wire. One of any other form could sort above all that will ever be."""
Version = Annotated[int, Meta(ge=0, lt=10**16)]
"""A version on the wire."""

_EPOCH = re.compile(r"[0-9]{13}-[0-9a-f]{8}", re.ASCII)
_VERSION = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_SLUG = r"[a-z0-9][a-z0-9-]{0,63}"
_ENVIRONMENT = re.compile(rf"{_SLUG}/{_SLUG}|\$access", re.ASCII)


class Position(NamedTuple):
    """An epoch and a version, written ``EPOCH.version`` where a string is wanted."""

    epoch: str
    version: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.version}"

    @classmethod
    def parse(cls, text: str, path: str = "$") -> Position:
        """Read ``EPOCH.version``. Raises BadInput at *path* when it is anything else."""
        epoch, dot, version = text.partition(".")
        if not dot or not _EPOCH.fullmatch(epoch) or not _VERSION.fullmatch(version):
            raise BadInput.at(path, "expected a position such as '1763812800000-9f3a01c2.1042'")
        return cls(epoch, int(version))


def make_epoch(milliseconds: int, random: int) -> str:
    """Return the name of a line of versions that starts now; *random* gives 32 bits."""
    return f"{milliseconds:013d}-{random & 0xFFFFFFFF:08x}"


def check_environment(text: str, path: str = "$") -> str:
    """Return *text* if it names an environment (``shop/production``). Raises BadInput at *path*."""
    if not _ENVIRONMENT.fullmatch(text):
        raise BadInput.at(path, "expected an environment such as 'shop/production'")
    return text
