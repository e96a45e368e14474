"""
Flags, segments and contexts for Hypothesis.

Two sorts: well-formed items over a small vocabulary, so that conditions meet attributes and flags
meet each other, cycles included; and JSON of any shape, for what must survive it.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pennon.evaluation.operators import OPERATORS
from pennon.model.context import Context
from pennon.model.flag import (
    Condition,
    Flag,
    Prerequisite,
    Rule,
    Serve,
    Target,
    Variation,
    WeightedVariation,
)
from pennon.model.segment import External, Members, Segment, SegmentRule

NAMES = ("on", "off", "third")
KEYS = ("a", "b", "c", "d")
WORDS = ("a", "b", "abc", "", "1", "1.2", "2-rc", "2024-01-01T00:00:00Z", "\U0001f600")
KINDS = ("user", "org")
ATTRIBUTES = ("key", "x", "y", "/x", "/x/a", "kind", "anonymous", "/anonymous", "//", "gone")

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.integers(2**53 - 2, 2**53 + 2)
    | st.sampled_from(WORDS)
    | st.text(max_size=4)
)
attributes = st.recursive(
    scalars | st.just("\ud83d") | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    ),
    max_leaves=6,
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("a"), inner, max_size=1),
    max_leaves=4,
)
_NUMBERS = (0, 1, -1, 0.5, 2**53, 2**53 + 1)
_NUMERIC = ("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual")
_TEXTUAL = ("in", "startsWith", "endsWith", "contains")


def _clauses(ops: st.SearchStrategy[str], values: st.SearchStrategy[Any]) -> Any:
    return st.builds(
        Condition,
        attribute=st.sampled_from(["x", "x", *ATTRIBUTES]),
        op=ops,
        values=st.lists(values, max_size=3).map(tuple),
        negate=st.booleans(),
        kind=st.sampled_from(("user", *KINDS)),
    )


clauses: st.SearchStrategy[Condition] = st.one_of(
    _clauses(st.sampled_from([*OPERATORS, "nope"]), values),
    _clauses(st.sampled_from(_TEXTUAL), st.sampled_from(WORDS)),
    _clauses(st.sampled_from(_NUMERIC), st.sampled_from(_NUMBERS)),
)
leaves = (
    clauses
    | st.builds(Condition, segment=st.sampled_from(KEYS), negate=st.booleans())
    | st.just(Condition())
)
conditions = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Condition, any_=st.lists(inner, max_size=3).map(tuple))
        | st.builds(Condition, all_=st.lists(inner, max_size=3).map(tuple))
        | st.builds(Condition, not_=inner)
    ),
    max_leaves=5,
)
whens = st.lists(conditions, max_size=3).map(tuple)
entries = st.builds(
    WeightedVariation,
    variation=st.sampled_from([*NAMES, "gone"]),
    weight=st.integers(-1, 100_001),
    untracked=st.booleans(),
)
serves = st.builds(Serve, variation=st.sampled_from([*NAMES, "gone"])) | st.builds(
    Serve,
    split=st.lists(entries, max_size=4).map(tuple),
    by=st.sampled_from(ATTRIBUTES),
    kind=st.sampled_from(KINDS),
    seed=st.none() | st.integers(-5, 5),
    experiment=st.none() | st.just("e"),
)
rules = st.builds(Rule, id=st.just("r"), when=whens, serve=serves)
targets = st.builds(
    Target,
    variation=st.sampled_from(NAMES),
    kind=st.sampled_from(KINDS),
    keys=st.lists(st.sampled_from(WORDS), max_size=3).map(tuple),
)
requirements = st.builds(
    Prerequisite,
    flag=st.sampled_from(KEYS),
    is_=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
)


def flags(key: str = "a") -> st.SearchStrategy[Flag]:
    """Return flags of *key*, some of them with parts that are malformed."""
    return st.builds(
        Flag,
        key=st.just(key),
        type=st.just("string"),
        version=st.integers(0, 9),
        enabled=st.sampled_from([True, True, True, False]),
        variations=st.just(tuple(Variation(name=name, value=name) for name in NAMES)),
        off=st.none() | st.sampled_from([*NAMES, "gone"]),
        requires=st.lists(requirements, max_size=2).map(tuple),
        targets=st.lists(targets, max_size=2).map(tuple),
        rules=st.lists(rules, max_size=3).map(tuple),
        default=serves,
        salt=st.sampled_from(("", "salt")),
        needs=st.sampled_from([(), (), (), ("more",)]),
    )


def segments(key: str = "a") -> st.SearchStrategy[Segment]:
    """Return segments of *key*."""
    lists = st.lists(
        st.builds(
            Members,
            kind=st.sampled_from(KINDS),
            keys=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple)
    held = st.builds(
        SegmentRule,
        id=st.just("r"),
        when=whens,
        weight=st.none() | st.integers(-1, 100_001),
        by=st.sampled_from(ATTRIBUTES),
        kind=st.sampled_from(KINDS),
    )
    return st.builds(
        Segment,
        key=st.just(key),
        salt=st.just("salt"),
        include=lists,
        exclude=lists,
        rules=st.lists(held, max_size=2).map(tuple),
        external=st.none() | st.none() | st.builds(External, kind=st.sampled_from(KINDS)),
    )


environments = st.tuples(
    st.fixed_dictionaries({}, optional={key: flags(key) for key in KEYS}),
    st.fixed_dictionaries({}, optional={key: segments(key) for key in KEYS}),
)
"""The flags and segments of a small environment."""

_one_kind = st.dictionaries(st.sampled_from(("key", "x", "y", "anonymous")), attributes, max_size=4)
_with_key = st.builds(lambda key, rest: {**rest, "key": key}, st.sampled_from(WORDS), _one_kind)
contexts = st.dictionaries(
    st.sampled_from(KINDS), _with_key | _one_kind, min_size=1, max_size=2
).map(Context)

_FEW = ("a", "b", "ab", "")
_plain = st.sampled_from(_FEW) | st.sampled_from(
    [*_NUMBERS, *_FEW, True, False, None, [], ["a"], {"a": 1}]
)
telling_clauses = st.builds(
    Condition,
    attribute=st.sampled_from(("x", "x", "y", "anonymous")),
    op=st.sampled_from((*_TEXTUAL, *_TEXTUAL, *_NUMERIC, "exists", "matches", "nope")),
    values=st.lists(st.sampled_from((*_FEW, *_NUMBERS)), max_size=2).map(tuple),
    negate=st.booleans(),
)
plain_contexts = st.fixed_dictionaries(
    {"x": _plain}, optional=dict.fromkeys(("key", "y", "anonymous"), _plain)
).map(lambda attributes: Context({"user": attributes}))
"""Clauses, and users with the few attributes that they ask for: most examples tell something."""

json: st.SearchStrategy[Any] = st.recursive(
    scalars | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)
"""JSON of any shape, and what Python's readers take for JSON beside it."""
