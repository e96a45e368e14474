"""
A project as a document: what there is in it, and whom it serves, without what an origin counts.

What is left out has its default. Nothing here is archived: a document says what there is.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from pennon.errors import Fault
from pennon.model.flag import Track
from pennon.model.strict import External, Members, Prerequisite, Rule, SegmentRule, Serve, Target
from pennon.origin.authors import Comment
from pennon.origin.differences import Difference
from pennon.origin.environments.schemas import Approvals
from pennon.origin.environments.schemas import Described as DescribedEnvironment
from pennon.origin.flags.schemas import Outline
from pennon.origin.schemas import Description, Input, ItemKey, Name, Slug, View
from pennon.origin.segments.schemas import Described as DescribedSegment

Salt = Annotated[str, Meta(pattern=r"^[!-~]{1,64}$(?!\n)")]
"""What buckets are computed with; it stays with a flag or a segment for ever."""

Kind = Literal["project", "environment", "segment", "flag"]
Action = Literal["create", "change", "restore", "archive"]


class ProjectConfiguration(Input, frozen=True, kw_only=True, omit_defaults=True):
    """What is said of the project."""

    name: Name = ""
    description: Description = ""


class EnvironmentConfiguration(DescribedEnvironment, frozen=True, kw_only=True, omit_defaults=True):
    """What is said of an environment. Approvals that are not named stay as they are."""

    approvals: Approvals | UnsetType = UNSET


class MembershipConfiguration(Input, frozen=True, kw_only=True, omit_defaults=True):
    """Who belongs to a segment in an environment. The members of an external one are no part."""

    include: tuple[Members, ...] = ()
    exclude: tuple[Members, ...] = ()
    rules: tuple[SegmentRule, ...] = ()
    external: External | None = None


class SegmentConfiguration(DescribedSegment, frozen=True, kw_only=True, omit_defaults=True):
    """A segment, with its members in environments. One that is not named stays as it is."""

    salt: Salt | UnsetType = UNSET
    environments: dict[Slug, MembershipConfiguration] = {}


class TargetingConfiguration(Input, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a flag serves in an environment; `off` and `default` are the flag's if left out."""

    enabled: bool
    off: str | UnsetType | None = UNSET
    requires: tuple[Prerequisite, ...] = ()
    targets: tuple[Target, ...] = ()
    rules: tuple[Rule, ...] = ()
    default: Serve | UnsetType = UNSET
    track: Track = "none"


class FlagConfiguration(Outline, frozen=True, kw_only=True, omit_defaults=True):
    """
    A flag, with whom it serves in environments. One that is not named stays as it is.

    A `salt` can be given to a new flag only.
    """

    salt: Salt | UnsetType = UNSET
    environments: dict[Slug, TargetingConfiguration] = {}


class Configuration(Input, frozen=True, kw_only=True, omit_defaults=True):
    """A project, or a part of one: what is not named is left alone, unless it is pruned."""

    project: ProjectConfiguration | UnsetType = UNSET
    environments: dict[Slug, EnvironmentConfiguration] = {}
    segments: dict[ItemKey, SegmentConfiguration] = {}
    flags: dict[ItemKey, FlagConfiguration] = {}


class PlanRequest(Input, frozen=True, kw_only=True):
    """
    What a project shall be.

    With `prune`, flags and segments that it does not name are archived.
    """

    configuration: Configuration
    prune: bool = False


class ApplyRequest(PlanRequest, frozen=True, kw_only=True):
    """What a project shall be, and the `plan` that was seen of it."""

    plan: Annotated[str, Meta(max_length=64)]
    comment: Comment | None = None


class ItemName(View, frozen=True, kw_only=True):
    """A thing in a project."""

    kind: Kind
    key: str


class PlannedChange(ItemName, frozen=True, kw_only=True):
    """
    What happens to one thing.

    `diff` is empty for what is created: the configuration says all of that.
    """

    action: Action
    diff: tuple[Difference, ...] = ()


class Plan(View, frozen=True, kw_only=True):
    """
    What applying a configuration would do. Nothing was changed by asking.

    `errors` are why it would be refused, if it is not `valid`; `lacking` the roles that you would
    need and do not have. What the configuration does not name is `leftAlone`. `plan` names what
    is planned: applying takes it, and is refused if it has become another meanwhile.
    """

    valid: bool
    errors: tuple[Fault, ...]
    changes: tuple[PlannedChange, ...]
    unchanged: int
    left_alone: tuple[ItemName, ...]
    lacking: tuple[str, ...]
    plan: str


class Moved(View, frozen=True, kw_only=True):
    """An environment that took versions, the newest of them, and where to ask who has it."""

    environment: str
    version: int
    propagation: str


class Applied(View, frozen=True, kw_only=True):
    """What was changed, and which environments took versions by it."""

    changes: tuple[PlannedChange, ...]
    environments: tuple[Moved, ...]
