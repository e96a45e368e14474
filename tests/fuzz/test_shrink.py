"""Making JSON small."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.shrink import shrunk

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=3), parts),
    max_leaves=20,
)


class TestShrunk:
    def test_what_does_not_matter_goes(self) -> None:
        """Only what makes it fail is left."""
        value = {"a": [1, {"x": "needle", "y": 2}, 3], "b": {"c": []}}

        assert shrunk(value, _holds("needle")) == {"a": [{"x": "needle"}]}

    def test_what_encloses_goes_too(self) -> None:
        """An inner part takes the place of its like around it."""
        value = {"a": {"not": {"not": {"op": "needle"}}}}

        assert shrunk(value, _holds("needle")) == {"a": {"op": "needle"}}

    def test_patience_ends(self) -> None:
        """What was reached by then is given."""

        assert shrunk(["needle", 1, 2, 3], _holds("needle"), patience=0) == ["needle", 1, 2, 3]

    @given(value=JSON)
    def test_it_still_fails(self, value: Any) -> None:
        """Whatever it is made of, the small one fails as the large one did."""
        fails = _holds("1")
        if fails(value):
            assert fails(shrunk(value, fails))

    @given(value=JSON)
    def test_what_always_fails_becomes_nothing(self, value: Any) -> None:
        """Every part can go."""

        assert shrunk({"all": value}, lambda _: True) == {}


def _holds(text: str) -> Any:
    return lambda value: text in json.dumps(value)
