"""What can be asked of a segment in an environment, an instruction a type."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from pennon.model.strict import Condition
from pennon.origin.authors import Comment
from pennon.origin.instructions import (
    MOST_INSTRUCTIONS,
    Instruction,
    Keys,
    RemoveRule,
    ReorderRules,
)
from pennon.origin.schemas import Input


class _Members(Instruction, frozen=True, kw_only=True):
    list: Literal["include", "exclude"]
    context_kind: str = "user"
    keys: Keys


class AddMembers(_Members, frozen=True, kw_only=True):
    """Include or exclude these keys; the other list loses them."""


class RemoveMembers(_Members, frozen=True, kw_only=True):
    """Include or exclude these keys no longer."""


class NewSegmentRule(Input, frozen=True, kw_only=True, omit_defaults=True):
    """A rule; it gets an id where none is given."""

    id: str | None = None
    when: tuple[Condition, ...] = ()
    weight: int | None = None
    by: str = "key"
    kind: str = "user"


class AddSegmentRule(Instruction, frozen=True, kw_only=True, tag="addRule"):
    """Add a rule before or after another, by default as the last."""

    rule: NewSegmentRule
    before: str | None = None
    after: str | None = None


class UpdateSegmentRule(Instruction, frozen=True, kw_only=True, tag="updateRule"):
    """Change a rule; what is left out stays, and a null `weight` takes in all who meet it."""

    rule_id: str
    when: tuple[Condition, ...] | UnsetType = UNSET
    weight: int | UnsetType | None = UNSET
    by: str | UnsetType = UNSET
    context_kind: str | UnsetType = UNSET


SegmentInstruction = (
    AddMembers | RemoveMembers | AddSegmentRule | UpdateSegmentRule | RemoveRule | ReorderRules
)


class SegmentInstructions(Input, frozen=True, kw_only=True):
    """Instructions, carried out in their order, all or none; and why, for the audit log."""

    instructions: Annotated[
        tuple[SegmentInstruction, ...], Meta(min_length=1, max_length=MOST_INSTRUCTIONS)
    ]
    comment: Comment | None = None
