"""What can be asked of a flag in an environment, an instruction a type."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from pennon.model.flag import Track
from pennon.model.strict import Condition, Serve, WeightedVariation
from pennon.origin.authors import Comment
from pennon.origin.instructions import (
    MOST_INSTRUCTIONS,
    Instruction,
    Keys,
    RemoveRule,
    ReorderRules,
)
from pennon.origin.schemas import Input


class TurnOn(Instruction, frozen=True):
    """Let targets, rules and default decide."""


class TurnOff(Instruction, frozen=True):
    """Serve everyone the off variation."""


class SetOff(Instruction, frozen=True, kw_only=True):
    """Serve another variation while off; null leaves it to the caller's default."""

    variation: str | None


class SetDefault(Instruction, frozen=True, kw_only=True):
    """Serve one variation to whom no target or rule matches."""

    variation: str


class SetSplit(Instruction, frozen=True, kw_only=True):
    """
    Serve weighted variations by default, or by the rule `ruleId`.

    Where there is a split already, what is left out stays as it is: new weights alone move
    nobody but those between the old ones and the new.
    """

    split: tuple[WeightedVariation, ...]
    rule_id: str | None = None
    by: str | UnsetType = UNSET
    context_kind: str | UnsetType = UNSET
    seed: int | UnsetType | None = UNSET
    experiment: str | UnsetType | None = UNSET


class NewRule(Input, frozen=True, kw_only=True, omit_defaults=True):
    """A rule; it gets an id where none is given."""

    id: str | None = None
    name: str | None = None
    when: tuple[Condition, ...] = ()
    serve: Serve


class AddRule(Instruction, frozen=True, kw_only=True):
    """Add a rule before or after another, by default as the last."""

    rule: NewRule
    before: str | None = None
    after: str | None = None


class UpdateRule(Instruction, frozen=True, kw_only=True):
    """Change a rule; what is left out stays."""

    rule_id: str
    name: str | UnsetType | None = UNSET
    when: tuple[Condition, ...] | UnsetType = UNSET
    serve: Serve | UnsetType = UNSET


class _Targets(Instruction, frozen=True, kw_only=True):
    variation: str
    context_kind: str = "user"
    keys: Keys


class AddTargets(_Targets, frozen=True, kw_only=True):
    """Serve a variation to these keys; another variation's targets lose them."""


class RemoveTargets(_Targets, frozen=True, kw_only=True):
    """Target these keys no longer with a variation."""


class ReplaceTargets(_Targets, frozen=True, kw_only=True):
    """Target exactly these keys with a variation; another variation's targets lose them."""


class AddPrerequisite(Instruction, frozen=True, kw_only=True):
    """Require a flag to serve one of the variations `is`, which replace those required so far."""

    flag: str
    is_: tuple[str, ...]


class RemovePrerequisite(Instruction, frozen=True, kw_only=True):
    """Require a flag no longer."""

    flag: str


class SetTrack(Instruction, frozen=True, kw_only=True):
    """Choose which exposures are sent as events."""

    track: Track


FlagInstruction = (
    TurnOn
    | TurnOff
    | SetOff
    | SetDefault
    | SetSplit
    | AddRule
    | UpdateRule
    | RemoveRule
    | ReorderRules
    | AddTargets
    | RemoveTargets
    | ReplaceTargets
    | AddPrerequisite
    | RemovePrerequisite
    | SetTrack
)


class FlagInstructions(Input, frozen=True, kw_only=True):
    """Instructions, carried out in their order, all or none; and why, for the audit log."""

    instructions: Annotated[
        tuple[FlagInstruction, ...], Meta(min_length=1, max_length=MOST_INSTRUCTIONS)
    ]
    comment: Comment | None = None
