"""What there is of a project, as the configuration that says no more than it must. Pure."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET
from msgspec.structs import asdict

from pennon.origin.configuration.lean import lean
from pennon.origin.configuration.schemas import (
    Configuration,
    EnvironmentConfiguration,
    FlagConfiguration,
    MembershipConfiguration,
    ProjectConfiguration,
    SegmentConfiguration,
    TargetingConfiguration,
)
from pennon.origin.configuration.state import FlagState, SegmentState, State
from pennon.origin.flags.parts import OFF_AND_ON, encode, opening_of
from pennon.origin.flags.schemas import Targeting


def exported(state: State, visible: Callable[[str], bool]) -> Configuration:
    """
    Return the configuration that makes a project as it is, of environments that are *visible*.

    What is archived is left out.
    """
    assert state.project is not None
    shown = [key for key, one in state.environments.items() if not one.archived and visible(key)]
    return lean(
        Configuration(
            project=ProjectConfiguration(
                name=state.project.name, description=state.project.description
            ),
            environments={
                key: EnvironmentConfiguration(
                    name=one.name,
                    description=one.description,
                    approvals=one.approvals if one.approvals.required else UNSET,
                )
                for key, one in state.environments.items()
                if key in shown
            },
            segments={
                key: _segment(one, shown) for key, one in state.segments.items() if not one.archived
            },
            flags={key: _flag(one, shown) for key, one in state.flags.items() if not one.archived},
        )
    )


def _segment(state: SegmentState, shown: list[str]) -> SegmentConfiguration:
    return SegmentConfiguration(
        name=state.name,
        description=state.description,
        tags=state.tags,
        salt=state.salt,
        environments={
            key: MembershipConfiguration(**asdict(one))
            for key in shown
            for one in [state.environments[key]]
        },
    )


def _flag(state: FlagState, shown: list[str]) -> FlagConfiguration:
    boolean = state.type == "boolean"
    usual = boolean and encode(state.started) == encode(opening_of(state.definition))
    standard = boolean and encode(state.variations) == encode(OFF_AND_ON)
    return FlagConfiguration(
        name=state.name,
        description=state.description,
        tags=state.tags,
        owner=state.owner,
        temporary=state.temporary,
        client_side=state.client_side,
        metadata=state.metadata,
        type=state.type,
        variations=() if standard else state.variations,
        # Of another flag they would be its first variation: a list put into another order must
        # not change whom it serves.
        off=UNSET if usual else state.off,
        default=UNSET if usual else state.default,
        salt=state.salt,
        environments={key: _targeting(state, state.environments[key]) for key in shown},
    )


def _targeting(state: FlagState, targeting: Targeting) -> TargetingConfiguration:
    as_it_starts = encode(targeting.default) == encode(state.default)
    return TargetingConfiguration(
        enabled=targeting.enabled,
        off=UNSET if targeting.off == state.off else targeting.off,
        requires=targeting.requires,
        targets=targeting.targets,
        rules=targeting.rules,
        default=UNSET if as_it_starts else targeting.default,
        track=targeting.track,
    )
