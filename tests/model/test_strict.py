"""The strict twins of the wire's Structs."""

from __future__ import annotations

import pytest
from msgspec import Struct, json
from msgspec.structs import fields

from pennon.errors import BadInput
from pennon.model import flag, segment, strict
from pennon.model.codec import decode

TWINS = [
    (strict.Variation, flag.Variation),
    (strict.Prerequisite, flag.Prerequisite),
    (strict.Target, flag.Target),
    (strict.WeightedVariation, flag.WeightedVariation),
    (strict.Serve, flag.Serve),
    (strict.Condition, flag.Condition),
    (strict.Rule, flag.Rule),
    (strict.ClientSide, flag.ClientSide),
    (strict.Members, segment.Members),
    (strict.SegmentRule, segment.SegmentRule),
]


@pytest.mark.parametrize(("twin", "wire"), TWINS)
class TestTwins:
    def test_write_the_same_fields_in_the_same_order(
        self, twin: type[Struct], wire: type[Struct]
    ) -> None:
        """What was read strictly is published as the very bytes that the wire's would be."""
        assert [(one.encode_name, one.default) for one in fields(twin)] == [
            (one.encode_name, one.default) for one in fields(wire)
        ]

    def test_refuse_what_the_wire_ignores(self, twin: type[Struct], wire: type[Struct]) -> None:
        """A typo in a request is an error; a new field on the wire is not."""
        needed = {
            one.encode_name: _example(one.encode_name) for one in fields(wire) if one.required
        }
        data = json.encode(needed | {"typo": 1})
        decode(data, wire)

        with pytest.raises(BadInput) as raised:
            decode(data, twin)
        assert raised.value.faults[0].path == "$.typo"

    def test_are_strict_all_the_way_down(self, twin: type[Struct], wire: type[Struct]) -> None:
        """No member of a twin is of a type that ignores unknown fields."""
        members = [member for one in fields(twin) for member in _structs_in(one.type)]

        assert all(member.__struct_config__.forbid_unknown_fields for member in members)


def _example(name: str) -> object:
    return {"value": 1, "weight": 1, "is": ["on"], "serve": {"variation": "on"}}.get(name, "x")


def _structs_in(annotation: object) -> list[type[Struct]]:
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return [annotation]
    return [one for part in getattr(annotation, "__args__", ()) for one in _structs_in(part)]
