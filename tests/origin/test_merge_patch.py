"""JSON merge patches."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from pennon.errors import BadInput
from pennon.origin.merge_patch import merge_patch, patched
from pennon.origin.schemas import Input

scalars = st.booleans() | st.integers() | st.text(max_size=3)
names = st.sampled_from("abcd")


def documents(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """JSON whose leaves are *leaves*; arrays may hold null, since a patch never looks inside."""
    arrays = st.lists(st.none() | leaves, max_size=3)
    return st.recursive(
        leaves | arrays, lambda inner: st.dictionaries(names, inner, max_size=4), max_leaves=12
    )


def difference(old: Any, new: Any) -> Any:
    """Return the patch that takes *old* to *new*."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    gone = dict.fromkeys(old.keys() - new.keys(), None)
    return gone | {
        name: difference(old[name], value) if name in old else value
        for name, value in new.items()
        if name not in old or old[name] != value or type(old[name]) is not type(value)
    }


class TestMergePatch:
    @given(documents(scalars))
    def test_an_empty_patch_changes_nothing(self, document: Any) -> None:
        """No field named, no field touched."""
        whole = {"whole": document}

        assert merge_patch(whole, {}) == whole

    @given(documents(scalars), documents(scalars | st.none()))
    def test_a_patch_twice_is_a_patch_once(self, document: Any, patch: Any) -> None:
        """A retry does no harm."""
        once = merge_patch(document, patch)

        assert merge_patch(once, patch) == once

    @given(documents(scalars), documents(scalars))
    def test_any_object_can_become_any_other(self, old: Any, new: Any) -> None:
        """Whatever changed between two objects, a patch can say it."""
        before, after = {"it": old}, {"it": new}

        assert merge_patch(before, difference(before, after)) == after

    @given(documents(scalars), documents(scalars | st.none()))
    def test_what_is_patched_is_left_alone(self, document: Any, patch: Any) -> None:
        """The result is a new object."""
        copy = merge_patch(document, {}) if isinstance(document, dict) else document
        merge_patch(document, patch)

        assert document == copy

    @pytest.mark.parametrize(
        ("target", "patch", "result"),
        [
            ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
            ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
            ({"a": [{"b": 1}]}, {"a": [{"b": None}]}, {"a": [{"b": None}]}),
            ({"a": 1}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
            ({}, {"a": None}, {}),
        ],
        ids=[
            "null removes",
            "arrays are replaced",
            "arrays keep null",
            "scalars give way",
            "no-op",
        ],
    )
    def test_follows_the_rfc(self, target: Any, patch: Any, result: Any) -> None:
        """Objects merge, null removes, everything else replaces."""
        assert merge_patch(target, patch) == result


class Inner(Input, frozen=True, kw_only=True):
    text: str = ""


class Thing(Input, frozen=True, kw_only=True):
    needed: int
    some_text: str | None = "default"
    inner: Inner = Inner()


class TestPatched:
    def test_names_are_those_of_the_json(self) -> None:
        """A patch is written as the object is."""
        assert patched(Thing(needed=1), {"someText": "new"}, {}) == Thing(needed=1, some_text="new")

    def test_null_resets_to_the_default(self) -> None:
        """A field that may be left out can be taken away."""
        thing = patched(Thing(needed=1, some_text="other"), {"someText": None}, {})

        assert thing == Thing(needed=1)

    @pytest.mark.parametrize(
        ("patch", "path"),
        [
            ({"needed": None}, "$.needed"),
            ({"needed": "1"}, "$.needed"),
            ({"need": 1}, "$.need"),
            ({"need": None}, "$.need"),
            ({"some_text": "x"}, "$.some_text"),
            ({"inner": {"txt": "x"}}, "$.inner.txt"),
            ({"inner": 5}, "$.inner"),
        ],
    )
    def test_what_does_not_fit_is_named(self, patch: dict[str, Any], path: str) -> None:
        """The error carries the path of what is wrong."""
        with pytest.raises(BadInput) as raised:
            patched(Thing(needed=1), patch, {})

        assert [fault.path for fault in raised.value.faults] == [path]

    def test_a_field_of_elsewhere_is_told_where_it_belongs(self) -> None:
        """A sentence that helps instead of 'unknown field'."""
        with pytest.raises(BadInput, match="over there"):
            patched(Thing(needed=1), {"salt": "x"}, {"salt": "belongs over there"})


def test_a_struct_is_what_patches_apply_to() -> None:
    """`patched` returns the type that it was given."""
    thing: Struct = patched(Thing(needed=1), {}, {})

    assert isinstance(thing, Thing)
