"""
Twins of the wire's Structs that refuse unknown fields: on the admin API a typo is an error.

Each is a subclass of the Struct whose name it has, so that what was read strictly can be
published as it is.
"""

from __future__ import annotations

from msgspec import field

from pennon.model import flag, segment


class Variation(flag.Variation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named value; `value` is any JSON of the flag's type."""


class Prerequisite(flag.Prerequisite, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another flag that must serve one of the variations named by `is`."""


class Target(flag.Target, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contexts of one kind that get a variation by their key."""


class WeightedVariation(
    flag.WeightedVariation, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A share of a split: *weight* of 100,000. `untracked` keeps it out of the experiment."""


class Serve(flag.Serve, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is served: a `variation`, or a weighted `split` over the attribute `by` of `kind`."""

    split: tuple[WeightedVariation, ...] | None = None


class Condition(flag.Condition, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of: a clause (`attribute`, `op`, …), `segment`, `any`, `all`, `not`."""

    any_: tuple[Condition, ...] | None = field(name="any", default=None)
    all_: tuple[Condition, ...] | None = field(name="all", default=None)
    not_: Condition | None = field(name="not", default=None)


class Rule(flag.Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`when` is ANDed (empty matches everyone); the first rule that matches serves."""

    when: tuple[Condition, ...] = ()
    serve: Serve


class ClientSide(flag.ClientSide, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which client-side keys may see the flag's values."""


class Members(segment.Members, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Context keys of one kind."""


class SegmentRule(segment.SegmentRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions, all of which must hold, and an optional share of those who meet them."""

    when: tuple[Condition, ...] = ()


class External(segment.External, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Marks a segment whose members of `kind` are kept outside the datafile."""
