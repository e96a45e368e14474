"""The hash that binds an answer to a context."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import BadInput
from pennon.model.context import Context
from pennon.model.context_hash import canonical, context_hash


def hashed(value: Any) -> str:
    return context_hash(Context.of(value))


class TestContextHash:
    def test_pinned(self) -> None:
        """It is the same in every language and for ever: pages keep it."""
        assert hashed({"targetingKey": "ada", "plan": "pro", "age": 37.0}) == (
            "dc3d5473c867110680488e23920ab6f2df1f4f4f"
        )

    def test_form(self) -> None:
        """The form that a context was given in has no part, nor has the order of its members."""
        forms = [
            {"targetingKey": "ada", "plan": "pro"},
            {"plan": "pro", "key": "ada"},
            {"kind": "user", "key": "ada", "plan": "pro"},
            {"kind": "multi", "user": {"key": "ada", "plan": "pro"}},
        ]

        assert len(set(map(hashed, forms))) == 1

    def test_others(self) -> None:
        """Any other context has another."""
        others = [
            {"key": "ada"},
            {"key": "Ada"},
            {"key": "ada", "plan": None},
            {"key": "ada", "plan": True},
            {"key": "ada", "plan": 1},
            {"key": "ada", "plan": "1"},
            {"key": "ada", "plan": [1]},
            {"kind": "device", "key": "ada"},
            {},
        ]

        assert len(set(map(hashed, others))) == len(others)

    def test_too_deep(self) -> None:
        """A context that nests too deep is refused."""
        deep: Any = "x"
        for _ in range(100_000):
            deep = [deep]

        with pytest.raises(BadInput, match="less deeply"):
            hashed({"key": "ada", "deep": deep})


class TestCanonical:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (1, "1"),
            (1.0, "1"),
            (-0.0, "0"),
            (-1.25, "-1.25"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (0.000001, "0.000001"),
            (0.00000015, "1.5e-7"),
            (2**53 + 1, "9007199254740992"),
            (10**400, "null"),
            (True, "true"),
            (None, "null"),
            ('é"\\\n\x01\x7f\u2028', '"é\\"\\\\\\n\\u0001\x7f\u2028"'),
            ("\ud800", '"\\ud800"'),
            ({"\uffff": 1, "😀": 2, "a": [{}]}, '{"a":[{}],"😀":2,"\uffff":1}'),
        ],
    )
    def test_as_javascript(self, value: Any, text: str) -> None:
        """Numbers, text and the order of names are as JavaScript has them."""
        assert canonical(value) == text
