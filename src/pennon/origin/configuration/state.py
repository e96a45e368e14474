"""What there is of a project: everything that a configuration is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pennon.model.flag import Flag, FlagType
from pennon.model.messages import ItemId
from pennon.model.segment import Segment
from pennon.model.strict import Serve
from pennon.origin.environments.schemas import EnvironmentDefinition
from pennon.origin.flags.parts import flag_of
from pennon.origin.flags.schemas import Definition, Targeting
from pennon.origin.projects.schemas import ProjectDefinition
from pennon.origin.segments.parts import NOBODY, segment_of
from pennon.origin.segments.schemas import Membership, SegmentDefinition


class FlagState(Definition, frozen=True, kw_only=True):
    """A flag with whom it serves everywhere; `off` and `default` are what it starts with."""

    type: FlagType
    salt: str
    off: str | None
    default: Serve
    environments: dict[str, Targeting]

    @property
    def definition(self) -> Definition:
        """The part that all environments share, without what it starts with."""
        return Definition(
            name=self.name,
            description=self.description,
            tags=self.tags,
            owner=self.owner,
            temporary=self.temporary,
            client_side=self.client_side,
            metadata=self.metadata,
            variations=self.variations,
            archived=self.archived,
        )

    @property
    def started(self) -> Targeting:
        """Whom it serves in an environment in which nobody has changed it yet."""
        return Targeting(enabled=False, off=self.off, default=self.default)

    def flag(self, key: str, targeting: Targeting) -> Flag:
        """Return the flag that an environment with *targeting* evaluates."""
        return flag_of(key, self.type, self.salt, self.definition, targeting)


class SegmentState(SegmentDefinition, frozen=True, kw_only=True):
    """A segment with its members everywhere."""

    salt: str
    environments: dict[str, Membership]

    @property
    def definition(self) -> SegmentDefinition:
        """The part that all environments share."""
        return SegmentDefinition(
            name=self.name, description=self.description, tags=self.tags, archived=self.archived
        )

    @property
    def started(self) -> Membership:
        """Who belongs to it in an environment in which nobody has changed it yet."""
        return NOBODY

    def segment(self, key: str, membership: Membership) -> Segment:
        """Return the segment that an environment with *membership* evaluates."""
        return segment_of(key, self.salt, membership)


@dataclass(frozen=True, slots=True)
class State:
    """
    A project, or what is to become of it. `project` is None where there is none.

    `deleted` are the flags and segments whose keys are taken by what was deleted; `populated`
    are the environments and segments in them that have external members.
    """

    project: ProjectDefinition | None
    environments: Mapping[str, EnvironmentDefinition]
    segments: Mapping[str, SegmentState]
    flags: Mapping[str, FlagState]
    deleted: frozenset[ItemId] = frozenset()
    populated: frozenset[tuple[str, str]] = frozenset()

    def flags_in(self, environment: str) -> dict[str, Flag]:
        """Return the flags that an environment holds: those that are not archived."""
        return {
            key: one.flag(key, one.environments[environment])
            for key, one in self.flags.items()
            if not one.archived
        }

    def segments_in(self, environment: str) -> dict[str, Segment]:
        """Return the segments that an environment holds: those that are not archived."""
        return {
            key: one.segment(key, one.environments[environment])
            for key, one in self.segments.items()
            if not one.archived
        }
