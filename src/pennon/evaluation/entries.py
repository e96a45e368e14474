"""
What a ruleset holds for each flag and segment, and the tables in which they find each other.

An entry never changes: a delta puts a new one into its table. What uses another flag or a segment
looks it up there at each evaluation, so a delta recompiles one item, whoever uses it, and an item
that is missing may arrive later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from pennon.evaluation.attributes import Attributes
from pennon.model.detail import Detail
from pennon.model.flag import Flag
from pennon.model.segment import Segment

ClientKind = Literal["web", "mobile"]
"""The kinds of keys that run where the user can read them."""

Kinds = dict[str, Attributes]
Serve = Callable[[Kinds, Any], Detail]
"""Answers for the kinds of a context; the second argument is the `Run`, or None so far."""
Contains = Callable[[Kinds, Any], bool]
"""Says whether the kinds of a context are in a segment; the arguments are those of `Serve`."""


class FlagEntry:
    """
    A flag, the key under which it stands, and the function that serves it.

    `flag` is None when it could not be decoded.
    """

    __slots__ = ("flag", "key", "serve")

    def __init__(self, key: str, flag: Flag | None, serve: Serve) -> None:
        self.key = key
        self.flag = flag
        self.serve = serve

    @property
    def enabled(self) -> bool:
        return self.flag is not None and self.flag.enabled

    def is_visible(self, kind: ClientKind) -> bool:
        """Return whether client-side keys of *kind* may see the flag's values."""
        if self.flag is None:
            return False
        client_side = self.flag.client_side
        return client_side.web if kind == "web" else client_side.mobile

    def untie(self) -> None:
        """Forget the function, which may know this entry; see `Ruleset.untie`."""
        self.serve = _serves_nothing


class SegmentEntry:
    """The function of a segment; `segment` is None when it could not be decoded."""

    __slots__ = ("contains", "segment")

    def __init__(self, contains: Contains, segment: Segment | None = None) -> None:
        self.contains = contains
        self.segment = segment

    def untie(self) -> None:
        """Forget the function, which may know this entry; see `Ruleset.untie`."""
        self.contains = _contains_nobody


class Tables(NamedTuple):
    """The flags and segments of one ruleset, by key."""

    flags: dict[str, FlagEntry]
    segments: dict[str, SegmentEntry]


def _serves_nothing(kinds: Kinds, run: object) -> Detail:
    return Detail(flag="", reason="ERROR", error_code="FLAG_NOT_FOUND")


def _contains_nobody(kinds: Kinds, run: object) -> bool:
    return False


NOBODY = SegmentEntry(_contains_nobody)
"""Stands for a segment that is missing."""
