"""Whatever a project holds: taken out and put in elsewhere, it is the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders.api import Api, Json, an_api
from tests.builders.configuration import applied, exported, planned

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


class TestProperties:
    """On the database that is quickest to make; `test_applying` asks both."""

    @given(first=configurations(), second=configurations())
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def test_a_project_is_what_its_configuration_says(self, first: Json, second: Json) -> None:
        """Applied, taken out, put in elsewhere and turned into another: nothing is different."""

        with TemporaryDirectory() as folder:
            asyncio.run(self.compare(Path(folder), first, second))

    async def compare(self, folder: Path, first: Json, second: Json) -> None:
        """Apply the one, and the other upon it."""
        async with an_api(folder) as api:
            await applied(api, first, "a")
            await applied(api, await exported(api, "a"), "b")
            assert await exported(api, "b") == await exported(api, "a")
            await self.apply_upon(api, second)

    async def apply_upon(self, api: Api, second: Json) -> None:
        """Let a project become another; flags of one key are of one type here."""
        await applied(api, second, "a", prune=True)
        found = await exported(api, "a")
        again: Any = await planned(api, second, "a", prune=True)
        itself = await planned(api, found, "a", prune=True)

        assert set(found["flags"]) == set(second["flags"])
        assert (again["changes"], itself["changes"]) == ([], [])
