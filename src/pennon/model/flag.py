"""
A flag as it travels: the definition and the targeting that one environment evaluates.

JSON is camelCase, attributes are snake_case. These Structs ignore unknown fields, so that an old
edge survives a new origin; `pennon.model.strict` holds the twins that refuse them.
The meaning of each field is in `docs/evaluation.md`.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

FlagType = Literal["boolean", "string", "integer", "float", "json"]
Track = Literal["none", "experiments", "all"]

TOTAL_WEIGHT = 100_000
"""What the weights of a split sum to: one unit is 0.001 %."""


class Wire(Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """The base of everything that travels: frozen, camelCase, defaults left out."""


class Variation(Wire, frozen=True, kw_only=True):
    """A named value; `value` is any JSON of the flag's type."""

    name: str
    value: Any
    description: str | None = None


class Prerequisite(Wire, frozen=True, kw_only=True):
    """Another flag that must serve one of the named variations (`is` in JSON)."""

    flag: str
    is_: tuple[str, ...] = field(name="is")


class Target(Wire, frozen=True, kw_only=True):
    """Contexts of one kind that get a variation by their key."""

    variation: str
    kind: str = "user"
    keys: tuple[str, ...] = ()


class WeightedVariation(Wire, frozen=True, kw_only=True):
    """A share of a split: *weight* of 100,000. `untracked` keeps it out of the experiment."""

    variation: str
    weight: int
    untracked: bool = False


class Serve(Wire, frozen=True, kw_only=True):
    """What is served: `variation`, or a weighted `split` over the attribute `by` of `kind`."""

    variation: str | None = None
    split: tuple[WeightedVariation, ...] | None = None
    by: str = "key"
    kind: str = "user"
    seed: int | None = None
    experiment: str | None = None


class Condition(Wire, frozen=True, kw_only=True):
    """
    One condition, in exactly one of five forms.

    A clause (`attribute`, `op`, `values`, `negate`, `kind`), a segment (`segment`, `negate`),
    `any`, `all` or `not`. One Struct holds the five, because JSON tells them apart by their
    fields and not by a tag; a condition of no form, or of several, is malformed.
    """

    attribute: str | None = None
    op: str | None = None
    values: tuple[Any, ...] = ()
    negate: bool = False
    kind: str = "user"
    segment: str | None = None
    any_: tuple[Condition, ...] | None = field(name="any", default=None)
    all_: tuple[Condition, ...] | None = field(name="all", default=None)
    not_: Condition | None = field(name="not", default=None)


class Rule(Wire, frozen=True, kw_only=True):
    """`when` is ANDed (empty matches everyone); the first rule that matches serves."""

    id: str
    name: str | None = None
    when: tuple[Condition, ...] = ()
    serve: Serve


class ClientSide(Wire, frozen=True, kw_only=True):
    """Which client-side keys may see the flag's values."""

    web: bool = False
    mobile: bool = False


class Flag(Wire, frozen=True, kw_only=True):
    """A flag in one environment, complete enough to be evaluated."""

    key: str
    type: FlagType
    version: int = 0
    enabled: bool = False
    variations: tuple[Variation, ...] = ()
    off: str | None = None
    requires: tuple[Prerequisite, ...] = ()
    targets: tuple[Target, ...] = ()
    rules: tuple[Rule, ...] = ()
    default: Serve
    salt: str = ""
    client_side: ClientSide = ClientSide()
    track: Track = "none"
    metadata: dict[str, str | int | float | bool] = {}
    needs: tuple[str, ...] = ()
