"""What is said of copying a flag from one environment to another."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, field

from pennon.model.position import Version
from pennon.origin.authors import Comment
from pennon.origin.differences import Difference
from pennon.origin.instructions import Instruction
from pennon.origin.schemas import Input, Slug, View

TargetingPart = Literal["enabled", "off", "requires", "targets", "rules", "default", "track"]
TARGETING_PARTS: Final[tuple[TargetingPart, ...]] = get_args(TargetingPart)

Parts = Annotated[tuple[TargetingPart, ...], Meta(min_length=1, max_length=len(TARGETING_PARTS))]


class SeenVersions(Input, frozen=True, kw_only=True):
    """The versions of a flag's last change in the two environments."""

    from_: Version = field(name="from")
    to: Version


class FlagCopy(Input, frozen=True, kw_only=True):
    """
    Copy a flag `to` another environment, by default all of its targeting.

    With `dryRun` nothing is changed; the answer shows what would be. Without it `versions` are
    needed, those that the dry run answered. `comment` goes into the audit log.
    """

    to: Slug
    include: Parts | None = None
    dry_run: bool = False
    versions: SeenVersions | None = None
    comment: Comment | None = None


class CopiedFlag(View, frozen=True, kw_only=True):
    """
    What is different by copying, or would be, unless it is `applied`.

    `versions.to` is the one that the change took, if it was applied and changed anything;
    `propagation` is where to ask who has it.
    """

    applied: bool
    from_: str = field(name="from")
    to: str
    versions: SeenVersions
    diff: tuple[Difference, ...]
    sentences: tuple[str, ...]
    propagation: str


class CopyFrom(Instruction, frozen=True, kw_only=True):
    """What the audit log records as asked for: what another environment has at a version."""

    environment: str
    version: int
    include: Parts | None = None
