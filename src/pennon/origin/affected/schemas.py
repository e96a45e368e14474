"""What is said of who is affected by a change."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType, field

from pennon.origin.schemas import View


class Served(View, frozen=True, kw_only=True, omit_defaults=True):
    """What a context is served: null for no value; a value that is long is left out."""

    variation: str | None
    value: Any | UnsetType = UNSET


class Example(View, frozen=True, kw_only=True):
    """A context for which a flag's answer would be another, and both answers."""

    environment: str
    flag: str
    context: dict[str, dict[str, Any]]
    from_: Served = field(name="from")
    to: Served


class Move(View, frozen=True, kw_only=True):
    """How many of the sampled contexts would go from one variation of a flag to another."""

    environment: str
    flag: str
    from_: str | None = field(name="from")
    to: str | None
    count: int


class Affected(View, frozen=True, kw_only=True):
    """
    Who would be affected by a change, of the contexts that edges told of lately.

    `changed` of the `sampled` contexts would get another answer from at least one of `flags`
    flags: those that change, and those that depend on them, as far as they were looked at
    (`complete` says whether all were). Nobody is known where `sampled` is 0.
    """

    sampled: int
    changed: int
    flags: int
    complete: bool
    by_variation: tuple[Move, ...]
    examples: tuple[Example, ...]
