"""
What is measured: six cases, each with the flag it asks for and the value everybody must answer.

Every engine builds the equivalent of these flags in its own model; `engines` holds one module for
each. One context serves all cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KEY: Final = "user-1234"
ATTRIBUTES: Final[dict[str, str | int]] = {"country": "fr", "plan": "pro", "age": 33}

LISTED: Final = [f"user-{index}" for index in range(10_000, 11_000)]
"""A thousand keys, none of them the context's."""

RULES: Final = [
    [("country", ["us", "ca"]), ("plan", ["pro", "team"])],
    [("country", ["de", "at"]), ("plan", ["free", "team"])],
    [("country", ["fr", "be"]), ("plan", ["pro", "team"])],
]
"""Three rules of two clauses; the third matches."""

SEGMENT_RULES: Final = [
    [("country", ["us"]), ("plan", ["free"])],
    [("country", ["fr"]), ("plan", ["pro"])],
]
"""A segment of two rules; the second holds."""

MANY: Final = 1000
"""How many flags the last case answers: off, rules, split and always on by turns."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case by name; *flag* is None where all flags are asked for."""

    name: str
    title: str
    flag: str | None
    expected: bool | None


CASES: Final = (
    Case("off", "a flag that is off", "off", False),
    Case("rules", "three rules of two clauses, the third matches", "rules", True),
    Case("list", "a list of 1,000 values, a miss", "list", False),
    Case("split", "a 50/50 split", "split", None),
    Case("segment", "a segment of two rules", "segment", True),
    Case("all", "1,000 flags for one context", None, None),
)
"""A split may send the context either way, for engines do not hash alike."""


def flag_of_many(index: int) -> str:
    """Return which of the flags above the flag *index* of the last case is a copy of."""
    return ("off", "rules", "split", "on")[index % 4]
