"""Contexts, in the three shapes that JSON may have."""

from __future__ import annotations

import pytest

from pennon.errors import BadInput
from pennon.model.context import Context


class TestShapes:
    def test_one_kind(self) -> None:
        """One kind and its attributes."""
        context = Context.of({"kind": "device", "key": "d1", "os": {"name": "x"}})

        assert context.kinds == {"device": {"key": "d1", "os": {"name": "x"}}}

    def test_default_kind(self) -> None:
        """Without a kind it is a user, also without anything at all."""
        assert Context.of({"key": "ada"}) == Context({"user": {"key": "ada"}})
        assert Context.of({}) == Context({"user": {}})

    def test_openfeature(self) -> None:
        """The targeting key is the key, also beside one."""
        assert Context.of({"targetingKey": "ada"}) == Context({"user": {"key": "ada"}})
        assert Context.of({"targetingKey": "ada", "key": "bob"}).kinds["user"]["key"] == "ada"

    def test_many_kinds(self) -> None:
        """Each kind has its own attributes and key; one beside them belongs to none."""
        context = Context.of(
            {
                "kind": "multi",
                "targetingKey": "ignored",
                "user": {"key": "ada"},
                "organization": {"targetingKey": "acme", "kind": "organization"},
            }
        )

        assert context.kinds == {"user": {"key": "ada"}, "organization": {"key": "acme"}}

    def test_input_is_left_alone(self) -> None:
        """What was given is not changed."""
        given = {"kind": "user", "targetingKey": "ada"}
        Context.of(given)

        assert given == {"kind": "user", "targetingKey": "ada"}

    def test_repr(self) -> None:
        """A log shows kinds, and nobody's attributes."""
        assert repr(Context.of({"key": "ada@example.com"})) == "Context(kinds=['user'])"


class TestRefusals:
    @pytest.mark.parametrize(
        ("value", "path"),
        [
            (None, "$.context"),
            ([], "$.context"),
            ("ada", "$.context"),
            (True, "$.context"),
            (1.5, "$.context"),
            ({"kind": None}, "$.context.kind"),
            ({"kind": 1}, "$.context.kind"),
            ({"kind": ""}, "$.context.kind"),
            ({"kind": "kind"}, "$.context.kind"),
            ({"kind": "a b"}, "$.context.kind"),
            ({"kind": "user\n"}, "$.context.kind"),
            ({"kind": "x" * 257}, "$.context.kind"),
            ({"kind": "multi"}, "$.context"),
            ({"kind": "multi", "targetingKey": "ada"}, "$.context"),
            ({"kind": "multi", "user": "ada"}, "$.context.user"),
            ({"kind": "multi", "user": {}, "a b": {}}, "$.context.a b"),
            ({"kind": "multi", "multi": {}}, "$.context.multi"),
        ],
    )
    def test_refused(self, value: object, path: str) -> None:
        """A context that cannot be read is refused where it is wrong."""
        with pytest.raises(BadInput) as caught:
            Context.of(value, "$.context")

        assert [fault.path for fault in caught.value.faults] == [path]
