from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pennon.model import flag, segment
from tests.conformance.cases import read

_SCHEMA = read("schema.json")
_STRUCTS: dict[str, Any] = {
    "flag": flag.Flag,
    "variation": flag.Variation,
    "prerequisite": flag.Prerequisite,
    "target": flag.Target,
    "rule": flag.Rule,
    "serve": flag.Serve,
    "weightedVariation": flag.WeightedVariation,
    "condition": flag.Condition,
    "clientSide": flag.ClientSide,
    "segment": segment.Segment,
    "members": segment.Members,
    "segmentRule": segment.SegmentRule,
    "external": segment.External,
}


class TestSchema:
    def test_it_describes_every_struct_of_a_datafile(self) -> None:
        """No definition more, and none less."""
        assert _SCHEMA["$defs"].keys() == _STRUCTS.keys()

    @pytest.mark.parametrize("name", _STRUCTS)
    def test_a_definition_has_the_fields_of_its_struct(self, name: str) -> None:
        """The same names on the wire, and the same ones required."""
        fields = msgspec.structs.fields(_STRUCTS[name])
        definition = _SCHEMA["$defs"][name]

        assert definition["properties"].keys() == {field.encode_name for field in fields}
        assert set(definition.get("required", ())) == {
            field.encode_name for field in fields if field.required
        }
