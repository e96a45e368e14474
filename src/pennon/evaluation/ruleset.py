"""
An environment compiled in memory: what evaluations read.

A delta replaces one item and recompiles that item alone. A flag that cannot be decoded is kept as
malformed and touches no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from pennon.errors import BadInput
from pennon.evaluation.compile import flag_entry, malformed_flag, malformed_segment, segment_entry
from pennon.evaluation.entries import NOBODY, ClientKind, FlagEntry, Tables
from pennon.model.codec import decode_flag, decode_segment
from pennon.model.detail import Detail
from pennon.model.flag import Flag, FlagType, Wire
from pennon.model.segment import Segment


class _Datafile(Wire, frozen=True, kw_only=True):
    version: int = 0
    flags: dict[str, Raw]
    segments: dict[str, Raw] = {}


class Ruleset:
    """
    The flags and segments of an environment at one version.

    One thread may set items while others evaluate: an evaluation finds each item as it was before
    or after, and nothing in between.
    """

    __slots__ = ("flags", "tables", "told", "version", "written")

    def __init__(self, version: int = 0) -> None:
        self.version = version
        self.tables = Tables({}, {})
        self.flags: Mapping[str, FlagEntry] = self.tables.flags
        """What `evaluate` reads."""
        self.written: dict[Detail, bytes] = {}
        """Answers as they are sent, kept here by who sends them until anything changes."""
        self.told: dict[Detail, Any] = {}
        """The same, kept by who tells pages of them."""

    @classmethod
    def of(
        cls,
        version: int,
        flags: Mapping[str, bytes | Flag],
        segments: Mapping[str, bytes | Segment],
    ) -> Ruleset:
        """Return the ruleset of a whole environment, from its items or their bytes."""
        ruleset = cls(version)
        for key, segment in segments.items():
            ruleset.set_segment(key, segment, version)
        for key, flag in flags.items():
            ruleset.set_flag(key, flag, version)
        return ruleset

    @classmethod
    def from_datafile(cls, datafile: Mapping[str, Any] | bytes) -> Ruleset:
        """
        Return the ruleset of a datafile, for tests and tools. Its digest is not checked.

        Raises BadInput when the datafile itself, and not an item of it, is malformed.
        """
        try:
            data = datafile if isinstance(datafile, bytes) else msgspec.json.encode(datafile)
            wire = msgspec.json.decode(data, type=_Datafile)
        except (msgspec.MsgspecError, TypeError, UnicodeError, RecursionError) as fault:
            raise BadInput.at("$", f"expected a datafile: {fault}") from None
        flags = {key: bytes(raw) for key, raw in wire.flags.items()}
        segments = {key: bytes(raw) for key, raw in wire.segments.items()}
        return cls.of(wire.version, flags, segments)

    def set_flag(self, key: str, flag: bytes | Flag | None, version: int) -> None:
        """Put *flag* in place of the one before, or delete it (None), as of *version*."""
        if flag is None:
            self.tables.flags.pop(key, None)
        else:
            try:
                decoded = flag if isinstance(flag, Flag) else decode_flag(flag)
                self.tables.flags[key] = flag_entry(key, decoded, self.tables)
            except BadInput as fault:
                self.tables.flags[key] = malformed_flag(key, str(fault))
        self._moved(version)

    def set_segment(self, key: str, segment: bytes | Segment | None, version: int) -> None:
        """Put *segment* in place of the one before, or delete it (None), as of *version*."""
        if segment is None:
            self.tables.segments[key] = NOBODY
        else:
            try:
                decoded = segment if isinstance(segment, Segment) else decode_segment(segment)
                self.tables.segments[key] = segment_entry(key, decoded, self.tables)
            except BadInput as fault:
                self.tables.segments[key] = malformed_segment(key, str(fault))
        self._moved(version)

    def _moved(self, version: int) -> None:
        self.version = version
        if self.written:
            self.written = {}
        if self.told:
            self.told = {}

    def untie(self) -> None:
        """
        Let go of all items: nobody will evaluate with this ruleset any more.

        Items know their own functions and find each other through the tables. The memory of such
        knots is given back by the garbage collector alone, which a server has look seldom, and
        never at what was there when it became ready.
        """
        for flag in self.tables.flags.values():
            flag.untie()
        for segment in self.tables.segments.values():
            segment.untie()
        self.tables.flags.clear()
        self.tables.segments.clear()
        self.written.clear()
        self.told.clear()

    def keys(self) -> list[str]:
        """Return the keys of all flags, malformed ones too, in the order in which they came."""
        return list(self.flags)

    def __contains__(self, key: object) -> bool:
        return key in self.flags

    def __len__(self) -> int:
        return len(self.flags)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def flag(self, key: str) -> Flag | None:
        """Return a flag; None when there is none, or when it could not be decoded."""
        entry = self.flags.get(key)
        return None if entry is None else entry.flag

    def type_of(self, key: str) -> FlagType | None:
        """Return the type of a flag's values, or None when that is not known."""
        flag = self.flag(key)
        return None if flag is None else flag.type

    def metadata_of(self, key: str) -> Mapping[str, str | int | float | bool]:
        """Return the metadata of a flag: none when the flag is not known."""
        flag = self.flag(key)
        return {} if flag is None else flag.metadata

    def is_visible(self, key: str, kind: ClientKind) -> bool:
        """Return whether client-side keys of *kind* may see the flag's values."""
        entry = self.flags.get(key)
        return entry is not None and entry.is_visible(kind)
