"""What is wrong with what is to become of a project, each fault where it was written. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import UNSET, json

from pennon.errors import Fault
from pennon.evaluation.references import (
    missing_prerequisites,
    missing_segments,
    prerequisite_cycle,
    segment_cycle,
)
from pennon.evaluation.validate import faults_of_flag, faults_of_segment
from pennon.origin.configuration.changes import Change
from pennon.origin.configuration.schemas import Configuration
from pennon.origin.configuration.state import FlagState, SegmentState, State

ROOT: Final = "$.configuration"
_HERE: Final = "@"
_SHARED: Final = (f"{_HERE}.variations", f"{_HERE}.metadata", f"{_HERE}.clientSide")


def path_of(members: str, key: str, environment: str | None = None) -> str:
    """Return where a thing stands in the request: ``$.configuration.flags["checkout"]``."""
    path = f"{ROOT}.{members}[{json.encode(key).decode()}]"
    return path if environment is None else f'{path}.environments["{environment}"]'


def faults_of(after: State, changes: Iterable[Change], asked: Configuration) -> list[Fault]:
    """Return every reason why *after* may not be, none twice."""
    changed = [one for one in changes if not getattr(one.after, "archived", False)]
    found = [*_in_themselves(changed, asked)]
    if not found:
        found = [fault for key in after.environments for fault in _among_each_other(after, key)]
    return list(dict.fromkeys(found))


def _in_themselves(changes: Iterable[Change], asked: Configuration) -> Iterator[Fault]:
    for one in changes:
        state = one.after
        if isinstance(state, FlagState):
            touched = {
                key: part for key, part in state.environments.items() if part != state.started
            }
            for environment, targeting in [(None, state.started), *touched.items()]:
                for fault in faults_of_flag(state.flag(one.key, targeting), _HERE):
                    yield _of_flag(fault, one.key, environment, asked)
        elif isinstance(state, SegmentState):
            for environment, membership in state.environments.items():
                path = path_of("segments", one.key, environment)
                yield from faults_of_segment(state.segment(one.key, membership), path)


def _of_flag(fault: Fault, key: str, environment: str | None, asked: Configuration) -> Fault:
    """Return a fault of a flag in an environment where it was written."""
    flag = asked.flags.get(key)
    given = flag.environments.get(environment) if flag and environment else None
    shared = fault.path.startswith(_SHARED) or environment is None
    if given is not None:
        shared |= fault.path.startswith(f"{_HERE}.off") and given.off is UNSET
        shared |= fault.path.startswith(f"{_HERE}.default") and given.default is UNSET
    path = path_of("flags", key, None if shared else environment)
    return Fault(path + fault.path.removeprefix(_HERE), fault.message)


def _among_each_other(after: State, environment: str) -> Iterator[Fault]:
    flags, segments = after.flags_in(environment), after.segments_in(environment)
    for key, segment in segments.items():
        yield from missing_segments(segment, segments, path_of("segments", key, environment))
    for key, flag in flags.items():
        path = path_of("flags", key, environment)
        yield from missing_prerequisites(flag, flags, path)
        yield from missing_segments(flag, segments, path)
    if cycle := segment_cycle(segments):
        path = path_of("segments", cycle[0], environment)
        yield Fault(f"{path}.rules", f"lead back to the segment itself: {_round(cycle)}")
    if cycle := prerequisite_cycle(flags):
        path = path_of("flags", cycle[0], environment)
        yield Fault(f"{path}.requires", f"leads back to itself: {_round(cycle)}")


def _round(cycle: list[str]) -> str:
    return " → ".join([*cycle, cycle[0]])
