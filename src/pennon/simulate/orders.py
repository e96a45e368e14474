"""What the simulator and its fleet processes say to each other: one JSON line each."""

from __future__ import annotations

from msgspec import Struct


class Pop(Struct, frozen=True):
    """One PoP: its name, its region and the parents that it may follow, the preferred first."""

    name: str
    region: str
    parents: tuple[str, ...]


class Fleet(Struct, frozen=True):
    """What a fleet process is to run: it says `ready` once every PoP holds the environment."""

    key: str
    environment: str
    pops: tuple[Pop, ...]


class Slow(Struct, frozen=True, tag=True):
    """These PoPs read nothing for so many seconds."""

    pops: tuple[str, ...]
    seconds: float


class Restart(Struct, frozen=True, tag=True):
    """These PoPs end and start again: *cold* with nothing, else with what they held."""

    pops: tuple[str, ...]
    cold: bool


class Stand(Struct, frozen=True, tag=True):
    """Say where every PoP stands."""


class Finish(Struct, frozen=True, tag=True):
    """Say what every PoP noted, and end."""


Order = Slow | Restart | Stand | Finish


class Standing(Struct, frozen=True):
    """Where one PoP stands: its position and digest, as text; nothing before it holds anything."""

    name: str
    position: str | None
    digest: str


class Notes(Struct, frozen=True):
    """What one PoP noted: for each change that it applied, the version and ms after the commit."""

    name: str
    region: str
    applied: list[tuple[int, int]]
    reconnects: int
    full_syncs: int


class FleetNotes(Struct, frozen=True):
    """What a fleet process noted; *received* is in bytes, HTTP framing left out."""

    pops: list[Notes]
    received: int
