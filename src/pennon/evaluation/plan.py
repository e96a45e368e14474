"""
A flag or segment with every name resolved: what is evaluated.

Names of variations have become the answers themselves, lists of keys have become sets, values of
clauses have been parsed. Other flags and segments are named and looked up, so that a change of one
leaves the plans of the others as they are. `plan_flag` and `plan_segment` make plans, `interpret`
tells what they mean, `generate` turns them into functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pennon.evaluation.attributes import Reference
from pennon.evaluation.clauses import LateTest
from pennon.evaluation.entries import FlagEntry, SegmentEntry
from pennon.evaluation.operators import Test, Values
from pennon.model.detail import Detail


@dataclass(frozen=True, slots=True)
class Clause:
    """*test* of the attribute at *reference* of *kind*; the rest is for those who can do better."""

    kind: str
    reference: Reference
    test: LateTest
    op: str
    values: Values
    negate: bool


@dataclass(frozen=True, slots=True)
class KindClause:
    """*test* of the names of the kinds that the context has."""

    test: Test


@dataclass(frozen=True, slots=True)
class InSegment:
    """Whether a segment contains the context; `negate` is plain boolean here."""

    key: str
    segments: Mapping[str, SegmentEntry]
    negate: bool


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Whether one of the parts holds; stops at the first that does."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Whether all of the parts hold; stops at the first that does not."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Plain boolean negation: true for a missing attribute too."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A condition that cannot be resolved; reaching it is an error."""

    message: str


Condition = Clause | KindClause | InSegment | AnyOf | AllOf | Not | Unresolved


@dataclass(frozen=True, slots=True)
class Split:
    """
    A weighted choice: `served[i]` to those whose digest lies below `bounds[i]` first.

    `without_kind` is served where the context lacks the kind; `without_key` (only where the split
    needs the key) to a context of that one kind which has none.
    """

    kind: str
    reference: Reference
    prefix: bytes
    bounds: tuple[bytes, ...]
    served: tuple[Detail, ...]
    without_kind: Detail
    without_key: Detail | None


Outcome = Detail | Split


@dataclass(frozen=True, slots=True)
class Requirement:
    """A flag that must be enabled and serve one of *names*, or *failed* is the answer."""

    key: str
    flags: Mapping[str, FlagEntry]
    names: frozenset[str]
    failed: Detail


@dataclass(frozen=True, slots=True)
class Keys:
    """Context keys of one kind."""

    kind: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Target:
    """What is served to some keys."""

    members: Keys
    served: Detail


@dataclass(frozen=True, slots=True)
class Rule:
    """What is served where all conditions hold."""

    when: tuple[Condition, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class FlagPlan:
    """A flag, ready to be evaluated."""

    key: str
    enabled: bool
    off: Detail
    requires: tuple[Requirement, ...]
    targets: tuple[Target, ...]
    rules: tuple[Rule, ...]
    default: Outcome


@dataclass(frozen=True, slots=True)
class Share:
    """The contexts whose digest lies below *bound*; none without *kind*."""

    kind: str
    reference: Reference
    prefix: bytes
    bound: bytes


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """All conditions, and then the share if there is one."""

    when: tuple[Condition, ...]
    share: Share | Unresolved | None


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """A segment, ready to be evaluated. `external` is the kind whose members are elsewhere."""

    key: str
    external: str | None
    include: tuple[Keys, ...]
    exclude: tuple[Keys, ...]
    rules: tuple[SegmentRule, ...]
