"""Configurations for Hypothesis: sound ones, of flags of any JSON."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.builders.api import Json

ENVIRONMENTS = ("live", "test")
KEYS = st.sampled_from(["a", "B", "on", "1e3", "x" * 200])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CLAUSES = st.builds(
    lambda values, negate: {"attribute": "x", "op": "in", "values": values, "negate": negate},
    st.lists(st.booleans() | st.integers(-9, 9) | TEXT, min_size=1, max_size=3),
    st.booleans(),
)
NAMES = ("one", "two")


def serves() -> st.SearchStrategy[Json]:
    """Return what a rule or a default serves."""
    weights = st.integers(0, 100_000)
    return st.sampled_from(NAMES).map(lambda name: {"variation": name}) | weights.map(
        lambda weight: {
            "split": [
                {"variation": "one", "weight": weight},
                {"variation": "two", "weight": 100_000 - weight},
            ]
        }
    )


def targetings() -> st.SearchStrategy[Json]:
    """Return whom a flag serves in an environment."""
    rule = st.fixed_dictionaries(
        {"id": TEXT.filter(bool), "when": st.lists(CLAUSES, max_size=2), "serve": serves()}
    )
    target = st.fixed_dictionaries(
        {"variation": st.sampled_from(NAMES), "keys": st.lists(TEXT.filter(bool), max_size=3)}
    )
    return st.fixed_dictionaries(
        {"enabled": st.booleans()},
        optional={
            "off": st.none() | st.sampled_from(NAMES),
            "default": serves(),
            "rules": st.lists(rule, max_size=2, unique_by=lambda one: str(one["id"])),
            "targets": st.lists(target, max_size=2),
            "track": st.sampled_from(["none", "experiments", "all"]),
        },
    )


def flags() -> st.SearchStrategy[Json]:
    """Return a flag of any JSON."""
    return st.fixed_dictionaries(
        {
            "type": st.just("json"),
            "variations": st.tuples(VALUES, VALUES).map(
                lambda values: [
                    {"name": name, "value": value}
                    for name, value in zip(NAMES, values, strict=True)
                ]
            ),
            "environments": st.dictionaries(st.sampled_from(ENVIRONMENTS), targetings()),
        },
        optional={
            "off": st.none() | st.sampled_from(NAMES),
            "default": serves(),
            "description": TEXT,
            "tags": st.lists(TEXT.filter(bool), max_size=3),
            "metadata": st.dictionaries(TEXT, st.booleans() | st.integers(-9, 9) | TEXT),
        },
    )


def configurations() -> st.SearchStrategy[Json]:
    """Return a project of a few flags and two environments."""
    return st.builds(
        lambda flags: {"environments": {key: {} for key in ENVIRONMENTS}, "flags": flags},
        st.dictionaries(KEYS, flags(), min_size=1, max_size=3),
    )
