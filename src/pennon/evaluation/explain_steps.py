"""
What an explanation is made of: frozen steps, fit to be sent as JSON.

`holds` is true, false, or None where evaluation came to a part that cannot be resolved; `fault`
then names the part. What was never asked is only counted.
Values of a context are cut to a size that a person reads; see `explain_values`.
"""

from __future__ import annotations

from typing import Any, Literal

from pennon.model.detail import Detail
from pennon.model.flag import Condition, Serve, Wire
from pennon.model.members import Membership

Missing = Literal["kind", "attribute"]
"""What the context lacks: the whole kind, or the attribute of it (null counts as that)."""

Problem = Literal["missing", "disabled", "malformed", "unlisted"]
"""Why a prerequisite does not hold; ``"unlisted"`` is what it served, or an error of its own."""


class Bucket(Wire, frozen=True, kw_only=True):
    """
    Where a value falls between 0 and 1, and the range that decided: from *low* to below *high*.

    `text` is what was hashed, ``flag.salt.value`` or ``seed.value``; None where nothing could
    be, which falls at 0.
    """

    kind: str
    by: str
    value: Any = None
    missing: Missing | None = None
    text: str | None = None
    at: float
    low: float
    high: float


class Served(Wire, frozen=True, kw_only=True):
    """
    What a target, a rule or the default serves.

    A split says which of its entries was chosen (`entry`, None without the key that it needs),
    by which bucket, and whether that counts in its experiment.
    """

    variation: str | None = None
    split: Serve | None = None
    bucket: Bucket | None = None
    entry: int | None = None
    in_experiment: bool = False
    fault: str | None = None


class ClauseNode(Wire, frozen=True, kw_only=True, tag="clause", tag_field="form"):
    """
    A clause, the value it *found*, and those of its values that this one *matched*.

    `matched` is before negation. `unfit` says what the operator expected of a value that it
    cannot compare, a number for a version. `faults` are values and operators that match nothing.
    """

    clause: Condition
    holds: bool
    found: Any = None
    missing: Missing | None = None
    matched: tuple[Any, ...] = ()
    unfit: str | None = None
    faults: tuple[str, ...] = ()


class SegmentNode(Wire, frozen=True, kw_only=True, tag="segment", tag_field="form"):
    """A segment by its key; `Explanation.segments` says why it contains the context or not."""

    segment: str
    negate: bool = False
    holds: bool | None
    fault: str | None = None


class AnyNode(Wire, frozen=True, kw_only=True, tag="any", tag_field="form"):
    """Conditions up to the first that holds."""

    parts: tuple[ConditionNode, ...]
    unasked: int = 0
    holds: bool | None


class AllNode(Wire, frozen=True, kw_only=True, tag="all", tag_field="form"):
    """Conditions up to the first that does not hold."""

    parts: tuple[ConditionNode, ...]
    unasked: int = 0
    holds: bool | None


class NotNode(Wire, frozen=True, kw_only=True, tag="not", tag_field="form"):
    """The plain negation of a condition."""

    part: ConditionNode
    holds: bool | None


class MalformedNode(Wire, frozen=True, kw_only=True, tag="malformed", tag_field="form"):
    """A condition that cannot be resolved."""

    fault: str
    holds: None = None


ConditionNode = ClauseNode | SegmentNode | AnyNode | AllNode | NotNode | MalformedNode


class EnabledStep(Wire, frozen=True, kw_only=True, tag="enabled", tag_field="step"):
    """Whether the flag is enabled."""

    holds: bool


class PrerequisiteStep(Wire, frozen=True, kw_only=True, tag="prerequisite", tag_field="step"):
    """
    Another flag, the variations that will do, and the one that it *served*.

    `Explanation.flags` says why it served that, unless it is missing or disabled.
    """

    flag: str
    wanted: tuple[str, ...]
    served: str | None = None
    problem: Problem | None = None
    holds: bool | None
    fault: str | None = None


class TargetStep(Wire, frozen=True, kw_only=True, tag="target", tag_field="step"):
    """A list of *count* keys of one kind, and the context's own key of that kind."""

    index: int
    kind: str
    count: int
    key: Any = None
    missing: Missing | None = None
    holds: bool
    serves: Served


class RuleStep(Wire, frozen=True, kw_only=True, tag="rule", tag_field="step"):
    """A rule's conditions up to the first that does not hold; `serves` where all of them do."""

    index: int
    id: str
    name: str | None = None
    when: tuple[ConditionNode, ...] = ()
    unasked: int = 0
    holds: bool | None
    fault: str | None = None
    serves: Served | None = None


class DefaultStep(Wire, frozen=True, kw_only=True, tag="default", tag_field="step"):
    """What is served when nothing before matched."""

    serves: Served


class FaultStep(Wire, frozen=True, kw_only=True, tag="fault", tag_field="step"):
    """Why the flag cannot be told step by step: it is malformed as a whole, for one."""

    fault: str


Step = EnabledStep | PrerequisiteStep | TargetStep | RuleStep | DefaultStep | FaultStep


class FlagTrace(Wire, frozen=True, kw_only=True):
    """What one flag served, and the steps that led there; the last one decided."""

    detail: Detail
    steps: tuple[Step, ...] = ()


class SegmentRuleStep(Wire, frozen=True, kw_only=True):
    """A segment's rule, as `RuleStep`; `share` where it has a weight and was asked for it."""

    index: int
    id: str
    when: tuple[ConditionNode, ...] = ()
    unasked: int = 0
    holds: bool | None
    share: Bucket | None = None
    fault: str | None = None


class SegmentTrace(Wire, frozen=True, kw_only=True):
    """
    Whether a segment contains the context, and what decided *by*: None where a fault did.

    ``"external"`` is the list that is kept elsewhere, of which `membership` is what is known;
    ``"include"`` and ``"exclude"`` list `key`; ``"rules"`` decide the rest, one way or the other.
    """

    holds: bool | None
    by: Literal["missing", "external", "include", "exclude", "rules"] | None
    kind: str | None = None
    key: Any = None
    membership: Membership | None = None
    rules: tuple[SegmentRuleStep, ...] = ()
    fault: str | None = None


class Explanation(Wire, frozen=True, kw_only=True):
    """
    What a flag serves a context (exactly what `evaluate` answers), and every step to it.

    The flags and segments that the steps name stand beside them, each once however often it was
    asked: a tree of them could be larger than any memory.
    """

    detail: Detail
    steps: tuple[Step, ...] = ()
    flags: dict[str, FlagTrace] = {}
    segments: dict[str, SegmentTrace] = {}
