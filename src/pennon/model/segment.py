"""A segment as it travels: a named set of contexts, by key and by rule."""

from __future__ import annotations

from pennon.model.flag import Condition, Wire


class Members(Wire, frozen=True, kw_only=True):
    """Context keys of one kind."""

    kind: str = "user"
    keys: tuple[str, ...] = ()


class SegmentRule(Wire, frozen=True, kw_only=True):
    """
    Conditions, all of which must hold, and an optional share of those who meet them.

    `weight` is out of 100,000, bucketed by the attribute `by` of `kind`.
    """

    id: str
    when: tuple[Condition, ...] = ()
    weight: int | None = None
    by: str = "key"
    kind: str = "user"


class External(Wire, frozen=True, kw_only=True):
    """Marks a segment whose members of `kind` are kept outside the datafile."""

    kind: str = "user"


class Segment(Wire, frozen=True, kw_only=True):
    """Included, excluded, then rules in order; see `docs/evaluation.md`."""

    key: str
    version: int = 0
    salt: str = ""
    include: tuple[Members, ...] = ()
    exclude: tuple[Members, ...] = ()
    rules: tuple[SegmentRule, ...] = ()
    external: External | None = None
