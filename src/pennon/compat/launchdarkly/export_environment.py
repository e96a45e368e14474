"""A whole environment of ours in their model, as far as it can be said there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pennon.compat.launchdarkly.export_flag import export_flag
from pennon.compat.launchdarkly.export_segment import export_segment
from pennon.compat.launchdarkly.model import Json, to_json
from pennon.compat.launchdarkly.refusals import Refusals, convert_each
from pennon.compat.launchdarkly.uses import uses_of_flag, uses_of_segment
from pennon.model.flag import Flag
from pennon.model.segment import Segment


@dataclass(frozen=True, slots=True)
class Exported:
    """What an SDK is sent (made segments are among `segments`), and what it is not, and why."""

    flags: dict[str, Json] = field(default_factory=dict)
    segments: dict[str, Json] = field(default_factory=dict)
    refused: Refusals = field(default_factory=dict)


def export_environment(flags: Mapping[str, Flag], segments: Mapping[str, Segment]) -> Exported:
    """Return *flags* and *segments* in their model."""
    exported = Exported()

    def add_segment(key: str) -> None:
        made = export_segment(segments[key])
        exported.segments.update({item.key: to_json(item) for item in made})

    def add_flag(key: str) -> None:
        flag, made = export_flag(flags[key], flags)
        exported.segments.update({item.key: to_json(item) for item in made})
        exported.flags[key] = to_json(flag)

    segment_uses = {key: uses_of_segment(segment) for key, segment in segments.items()}
    flag_uses = {key: uses_of_flag(flag) for key, flag in flags.items()}
    convert_each("segment", segment_uses, add_segment, exported.refused)
    convert_each("flag", flag_uses, add_flag, exported.refused)
    return exported
