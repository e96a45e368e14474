"""Documents put together to one configuration, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.cli.config_assembly import Assembly, assembled
from pennon.cli.config_json import read_json
from pennon.cli.config_layout import Format, pieces_of
from pennon.cli.config_sources import Source
from pennon.cli.config_writing import text_of
from pennon.cli.config_yaml import read_yaml
from pennon.errors import Fault
from tests.builders.api import Json
from tests.builders.configuration_strategies import configurations


def together(*texts: str) -> Assembly:
    """Return what files of YAML say, each named by its number."""
    return assembled(
        Source(f"{number}.yaml", parsed)
        for number, text in enumerate(texts, start=1)
        for parsed in read_yaml(text)
    )


class TestRoundTrip:
    @given(configurations(), st.sampled_from(["yaml", "json"]))
    def test_a_project_in_pieces_is_the_project(self, configuration: Json, format: Format) -> None:
        """Written, read and put together again, without a fault."""
        pieces = list(pieces_of("shop", configuration, format))
        texts = [text_of([one.document], format) for one in pieces]
        read = read_yaml if format == "yaml" else read_json
        found = assembled(Source("f", one) for text in texts for one in read(text))

        assert (found.faults, found.project) == ([], "shop")
        assert found.configuration == {"project": {}, **configuration}


class TestFaults:
    """What is wrong is told at its line, all of it."""

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("flag: a b\ntype: boolean", "1.yaml:1: flag: expected text like"),
            ("flag: 7\ntype: boolean", "1.yaml:1: flag: expected text, got 7"),
            ("project: Shop", "1.yaml:1: project: expected text like"),
            ("project: shop\nenvironments: []", "1.yaml:2: environments: expected an object"),
            (
                "project: shop\nenvironments: {live: {nmae: x}}",
                "1.yaml:2: environments.live.nmae: unknown field; did you mean 'name'?",
            ),
            ("segment: s\ninclude: []", "1.yaml:2: include: unknown field"),
            ("just text", "1.yaml:1: expected exactly one of the fields"),
            ("- a", "1.yaml:1: expected exactly one of the fields"),
            ("flag: a\ntype: boolean\ntype: json", "1.yaml:3: type: is there twice"),
        ],
    )
    def test_of_one_document(self, text: str, fault: str) -> None:
        """In its form or in its shape."""
        (found,) = together(text).faults

        assert found.startswith(fault)

    def test_two_of_one_key(self) -> None:
        """Are not put together: nobody could say which counts."""
        assert together("flag: a\ntype: boolean", "flag: a\ntype: json").faults == [
            "2.yaml:1: flag: the flag 'a' is in 1.yaml already"
        ]

    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ('flags["a"].environments["live"].off', "2.yaml:4: environments.live.off"),
            ('flags["b"].off', "flags.b.off"),
            ('environments["live"]', "1.yaml:2: environments.live"),
        ],
    )
    def test_what_the_origin_finds_has_its_place(self, path: str, told: str) -> None:
        """In the file that it is of; without one, in the words of the origin."""
        found = together(
            "project: shop\nenvironments: {live: {}}",
            "flag: a\ntype: boolean\nenvironments:\n  live: {enabled: true}",
        )

        assert found.told(Fault(f"$.configuration.{path}", "no")) == f"{told}: no"

    def test_what_is_of_no_place_is_told_alone(self) -> None:
        """Such as a project that is archived."""
        assert together().told(Fault("$.configuration", "It is archived.")) == "It is archived."

    def test_a_stream_holds_many(self) -> None:
        """Each with the lines of the whole file."""
        texts: list[Any] = ["---\nflag: a\ntype: boolean\n---\nflag: b\ntype: bool\n---\n"]
        found = assembled(Source("s", one) for one in read_yaml(texts[0]) if one.value is not None)

        assert [fault.split(": expected")[0] for fault in found.faults] == ["s:6: type"]
