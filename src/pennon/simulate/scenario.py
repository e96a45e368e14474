"""
What is to be simulated: regions with their PoPs, the changes made, and what goes wrong when.

A scenario is a TOML file. Times are seconds from the start of the changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from pennon.errors import BadInput, Fault

MOST_POPS: Final = 20_000
_Name = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,32}$")]
_Seconds = Annotated[float, Meta(ge=0, le=86_400)]
_Count = Annotated[int, Meta(ge=1, le=MOST_POPS)]


class Conditions(Struct, frozen=True, forbid_unknown_fields=True):
    """How a link behaves: one-way delay and jitter in ms, and the share of packets lost."""

    delay_ms: Annotated[float, Meta(ge=0, le=10_000)] = 0.0
    jitter_ms: Annotated[float, Meta(ge=0, le=10_000)] = 0.0
    loss: Annotated[float, Meta(ge=0, le=0.5)] = 0.0


class Region(Struct, frozen=True, forbid_unknown_fields=True):
    """PoPs below their own connectors; without a connector they follow the origin."""

    name: _Name
    pops: _Count
    connectors: Annotated[int, Meta(ge=0, le=64)] = 1
    uplink: Conditions | None = None
    """The link from the region's connectors (or PoPs, where there is none) to the origin."""
    expect_p99_ms: Annotated[float, Meta(gt=0)] | None = None
    """The simulation fails when the undisturbed PoPs of the region are slower."""


class _Step(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="do"):
    at: _Seconds


class _InRegion(_Step, frozen=True):
    region: str


class Partition(_InRegion, frozen=True, tag="partition"):
    """The region's uplink swallows every byte and says nothing."""

    seconds: _Seconds


class Cut(_InRegion, frozen=True, tag="cut"):
    """The region's connections to the origin are reset, and new ones too."""

    seconds: _Seconds


class Impair(_InRegion, frozen=True, tag="impair"):
    """The region's uplink behaves differently for a while."""

    conditions: Conditions
    seconds: _Seconds


class Slow(_InRegion, frozen=True, tag="slow"):
    """Some PoPs of the region read nothing for a while."""

    pops: _Count
    seconds: _Seconds


class Restart(_InRegion, frozen=True, tag="restart"):
    """Some PoPs of the region are restarted, with what they last held or with nothing."""

    pops: _Count
    cold: bool = False


class KillConnector(_InRegion, frozen=True, kw_only=True, tag="kill-connector"):
    """A connector of the region ends as in a power cut, and comes back after a while."""

    connector: Annotated[int, Meta(ge=1)] = 1
    seconds: _Seconds


class KillOrigin(_Step, frozen=True, tag="kill-origin"):
    """The origin ends as in a power cut, and comes back after a while."""

    seconds: _Seconds


Step = Partition | Cut | Impair | Slow | Restart | KillConnector | KillOrigin


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole scenario."""

    title: str
    regions: Annotated[tuple[Region, ...], Meta(min_length=1, max_length=100)]
    seconds: Annotated[float, Meta(gt=0, le=86_400)] = 20.0
    changes_per_second: Annotated[float, Meta(gt=0, le=1_000)] = 2.0
    flags: Annotated[int, Meta(ge=1, le=5_000)] = 50
    seed: int = 1
    steps: tuple[Step, ...] = ()

    @property
    def pops(self) -> int:
        """How many PoPs there are in all."""
        return sum(region.pops for region in self.regions)

    def needs_link(self, region: Region) -> bool:
        """Return whether the region's way to the origin is ever disturbed."""
        return region.uplink is not None or any(
            isinstance(step, Partition | Cut | Impair) and step.region == region.name
            for step in self.steps
        )


def read_scenario(path: Path) -> Scenario:
    """Return the scenario in a file. Raises BadInput, and OSError when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput.at(str(path), "expected text in UTF-8") from None
    return parse_scenario(text, str(path))


def parse_scenario(text: str, name: str) -> Scenario:
    """Return the scenario in *text*; *name* is what its faults are told of."""
    try:
        scenario = msgspec.convert(tomllib.loads(text), Scenario)
    except tomllib.TOMLDecodeError as error:
        raise BadInput.at(name, f"expected TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise BadInput.at(name, str(error)) from None
    if faults := tuple(_faults(scenario)):
        raise BadInput(Fault(f"{name} {fault.path}", fault.message) for fault in faults)
    return scenario


def _faults(scenario: Scenario) -> Iterator[Fault]:
    regions = {region.name: region for region in scenario.regions}
    if len(regions) < len(scenario.regions):
        yield Fault("$.regions", "expected a name of its own for each region")
    if scenario.pops > MOST_POPS:
        yield Fault("$.regions", f"expected at most {MOST_POPS} PoPs in all, got {scenario.pops}")
    for number, step in enumerate(scenario.steps):
        path = f"$.steps[{number}]"
        if step.at > scenario.seconds:
            yield Fault(f"{path}.at", f"expected at most {scenario.seconds:g}, got {step.at:g}")
        if isinstance(step, KillOrigin):
            continue
        region = regions.get(step.region)
        if region is None:
            yield Fault(f"{path}.region", f"expected one of {', '.join(regions)}")
        elif isinstance(step, KillConnector) and step.connector > region.connectors:
            yield Fault(f"{path}.connector", f"expected 1 to {region.connectors}")
        elif isinstance(step, Slow | Restart) and step.pops > region.pops:
            yield Fault(f"{path}.pops", f"expected 1 to {region.pops}, got {step.pops}")
