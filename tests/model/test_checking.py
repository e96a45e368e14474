"""Every fault of decoded JSON against a type, each at its place."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from pennon.model.checking import faults_of, path_to


class Leaf(Struct, forbid_unknown_fields=True):
    """A type with one of everything."""

    name: str
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    share: float = 0.5
    colour: Literal["red", "blue"] = "red"
    on: bool = False
    words: Annotated[tuple[Annotated[str, Meta(max_length=3)], ...], Meta(max_length=2)] = ()
    by: dict[Annotated[str, Meta(pattern="^[a-z]+$")], int | str] = {}
    inner: Leaf | None = None
    any: Any = None


def told(value: object) -> list[str]:
    """Return the faults of *value*."""
    return [str(fault) for fault in faults_of(value, Leaf)]


class TestFaults:
    """`faults_of`."""

    def test_finds_all_that_is_wrong(self) -> None:
        """In the order of the value, what is missing last."""
        value = {"count": 10, "colour": "green", "inner": {"nmae": "x"}, "words": ["a", 1]}

        assert told(value) == [
            "$.count: expected 1 to 9, got 10",
            "$.colour: expected one of 'blue', 'red', got the text \"green\"",
            "$.inner.nmae: unknown field; did you mean 'name'?",
            "$.inner.name: a required field is missing",
            "$.words[1]: expected text, got 1",
            "$.name: a required field is missing",
        ]

    @pytest.mark.parametrize(
        ("field", "fault"),
        [
            ({"on": "yes"}, '$.on: expected true or false, got the text "yes"'),
            ({"count": 1.0}, "$.count: expected an integer, got 1.0"),
            ({"count": True}, "$.count: expected an integer, got true"),
            ({"words": "ab"}, '$.words: expected a list, got the text "ab"'),
            ({"words": ["a", "b", "c"]}, "$.words: expected at most 2 entries, got 3"),
            ({"words": ["abcd"]}, "$.words[0]: expected at most 3 characters, got 4"),
            ({"by": {"A": 1}}, '$.by.A: expected text like ^[a-z]+$, got the text "A"'),
            ({"by": {"a": []}}, "$.by.a: expected an integer or text, got a list"),
            ({"inner": 3}, "$.inner: expected an object, got 3"),
            ({"name": None}, "$.name: expected text, got nothing"),
        ],
    )
    def test_says_what_was_expected(self, field: dict[str, object], fault: str) -> None:
        """And what is there instead."""
        assert told({"name": "x", **field}) == [fault]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-1, 11) | st.floats(0, 1) | st.text(max_size=4),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from([*Leaf.__struct_fields__, "a", "A"]), inner, max_size=4
                )
            ),
        )
    )
    def test_agrees_with_the_decoder(self, value: object) -> None:
        """There is a fault exactly where decoding would have stopped."""
        try:
            msgspec.json.decode(msgspec.json.encode(value), type=Leaf)
            decodes = True
        except msgspec.ValidationError:
            decodes = False

        assert (told(value) == []) is decodes


class TestPath:
    def test_names_that_are_no_words_are_quoted(self) -> None:
        """So that a path can be read back."""
        assert path_to(path_to("$.a", 0), "new-checkout") == '$.a[0]["new-checkout"]'
