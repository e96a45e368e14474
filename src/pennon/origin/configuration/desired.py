"""What a project becomes by a configuration. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace as with_fields

from msgspec import UNSET
from msgspec.structs import asdict, replace

from pennon.origin.configuration.lean import lean
from pennon.origin.configuration.schemas import (
    Configuration,
    FlagConfiguration,
    SegmentConfiguration,
    TargetingConfiguration,
)
from pennon.origin.configuration.state import FlagState, SegmentState, State
from pennon.origin.environments.schemas import EnvironmentDefinition
from pennon.origin.flags.parts import definition_of, opening_of
from pennon.origin.flags.schemas import Targeting
from pennon.origin.projects.schemas import ProjectDefinition
from pennon.origin.segments.parts import NOBODY
from pennon.origin.segments.schemas import Membership


def with_environments(state: State, asked: Configuration) -> State:
    """Return *state* once the environments that it lacks are created, which opens all in them."""
    created = [key for key in asked.environments if key not in state.environments]
    return with_fields(
        state,
        segments={
            key: replace(one, environments={**one.environments, **dict.fromkeys(created, NOBODY)})
            for key, one in state.segments.items()
        },
        flags={
            key: replace(
                one, environments={**one.environments, **dict.fromkeys(created, one.started)}
            )
            for key, one in state.flags.items()
        },
    )


def desired(opened: State, asked: Configuration, *, prune: bool) -> State:
    """
    Return what becomes of a project, whose environments are *opened*.

    A new flag or segment without a salt has an empty one; it gets its own when it is made.
    """
    project = opened.project or ProjectDefinition()
    if asked.project is not UNSET:
        project = replace(project, **asdict(asked.project))
    environments = dict(opened.environments)
    for key, definition in asked.environments.items():
        before = environments.get(key, EnvironmentDefinition())
        # A protection is taken away by who says so, never by who does not mention it.
        given = {name: one for name, one in asdict(definition).items() if one is not UNSET}
        environments[key] = replace(before, **given)
    segments, flags = dict(opened.segments), dict(opened.flags)
    if prune:
        for key in segments.keys() - asked.segments.keys():
            segments[key] = replace(segments[key], archived=True)
        for key in flags.keys() - asked.flags.keys():
            flags[key] = replace(flags[key], archived=True)
    for key, segment in asked.segments.items():
        segments[key] = _segment(segment, segments.get(key), environments)
    for key, flag in asked.flags.items():
        flags[key] = _flag(flag, flags.get(key), environments)
    return State(project, environments, segments, flags, opened.deleted)


def _segment(
    asked: SegmentConfiguration,
    before: SegmentState | None,
    environments: Mapping[str, object],
) -> SegmentState:
    held = before.environments if before else dict.fromkeys(environments, NOBODY)
    given = {
        key: lean(Membership(**asdict(one)))
        for key, one in asked.environments.items()
        if key in held
    }
    return lean(
        SegmentState(
            name=asked.name,
            description=asked.description,
            tags=asked.tags,
            salt=_salt(asked.salt, before),
            environments={**held, **given},
        )
    )


def _flag(
    asked: FlagConfiguration, before: FlagState | None, environments: Mapping[str, object]
) -> FlagState:
    definition = definition_of(asked)
    opening = lean(opening_of(definition, asked.off, asked.default))
    held = before.environments if before else dict.fromkeys(environments, opening)
    given = {
        key: _targeting(one, opening) for key, one in asked.environments.items() if key in held
    }
    return lean(
        FlagState(
            **asdict(definition),
            type=asked.type,
            salt=_salt(asked.salt, before),
            off=opening.off,
            default=opening.default,
            environments={**held, **given},
        )
    )


def _targeting(asked: TargetingConfiguration, opening: Targeting) -> Targeting:
    return Targeting(
        enabled=asked.enabled,
        off=opening.off if asked.off is UNSET else asked.off,
        requires=asked.requires,
        targets=asked.targets,
        rules=asked.rules,
        default=opening.default if asked.default is UNSET else asked.default,
        track=asked.track,
    )


def _salt(asked: object, before: FlagState | SegmentState | None) -> str:
    if before is not None:
        return before.salt
    return asked if isinstance(asked, str) else ""
