from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pennon.evaluation.pattern.search import Search, compile_pattern, with_automaton, with_re2
from pennon.evaluation.pattern.syntax import BadPattern, parse_pattern
from tests.conformance.cases import read

_CASES = read("patterns.json")


def _own(pattern: str) -> Search:
    return with_automaton(parse_pattern(pattern))


def _re2(pattern: str) -> Search:
    parse_pattern(pattern)
    search = with_re2(pattern)
    assert search is not None
    return search


@pytest.mark.parametrize("compiled", [_own, _re2], ids=["automaton", "re2"])
@pytest.mark.parametrize("case", _CASES["valid"], ids=lambda case: case["name"])
def test_a_valid_pattern_finds_what_the_case_says(
    case: Mapping[str, Any], compiled: Callable[[str], Search]
) -> None:
    """Both engines find the same subjects."""
    search = compiled(case["pattern"])
    times = case.get("repeat", 1)

    assert [subject for subject in case["matches"] if not search(subject * times)] == []
    assert [subject for subject in case["misses"] if search(subject * times)] == []


@pytest.mark.parametrize("case", _CASES["invalid"], ids=lambda case: case["name"])
def test_an_invalid_pattern_is_refused(case: Mapping[str, Any]) -> None:
    """A pattern outside the subset is refused, and finds nothing where it arrives nevertheless."""
    assert compile_pattern(case["pattern"]) is None
    with pytest.raises(BadPattern):
        parse_pattern(case["pattern"])
