"""YAML with the meaning of JSON, whoever has written it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pennon.cli.config_json import read_json, write_json
from pennon.cli.config_yaml import read_yaml, write_yaml
from pennon.errors import BadInput

WORDS = ["on", "No", "y", "~", "null", "1e3", "0o17", "0x1F", "1_000", "12:30", "2026-11-20"]
WORDS += ["017", "=", "<<", "#", ".inf", "+1", ".5"]
SHAPES = ["- a", "a: b", " a", "a ", "a\n", "\na", "a\n b\n\n", "a\r", "a\x85b", "\u2028"]
DEEP = "[" * 101 + "]" * 101
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from([*WORDS, *SHAPES])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def value_of(text: str) -> Any:
    """Return what the one document in *text* says, without a fault."""
    (parsed,) = read_yaml(text)
    assert parsed.faults == ()
    return parsed.value


def faults(text: str) -> list[str]:
    """Return the faults of the one document in *text*."""
    (parsed,) = read_yaml(text)
    return [f"{parsed.line_of(fault.path)}: {fault}" for fault in parsed.faults]


class TestRoundTrip:
    """What is written is what is read."""

    @given(VALUES)
    def test_any_json_comes_back(self, value: object) -> None:
        """With its types: an integer is no float, and text that looks like a number is text."""
        read = value_of(write_yaml([{"value": value}]))["value"]

        assert json.dumps(read) == json.dumps(value)

    @given(VALUES)
    def test_other_readers_take_nothing_for_something_else(self, value: object) -> None:
        """Not even one of YAML 1.1, to which `on` is true and 12:30 a number."""
        text = write_yaml([{"value": value}])

        assert json.dumps(yaml.safe_load(text)["value"]) == json.dumps(value)

    @given(st.lists(VALUES, min_size=1, max_size=3))
    def test_json_as_well(self, values: list[object]) -> None:
        """Documents one after another."""
        read = [one.value for one in read_json(write_json(values))]

        assert json.dumps(read) == json.dumps(values)


class TestMeaning:
    """What people write by hand."""

    @pytest.mark.parametrize(
        ("word", "value"),
        [
            ("on", "on"),
            ("no", "no"),
            ("12:30", "12:30"),
            ("2026-11-20", "2026-11-20"),
            ("1.2.3", "1.2.3"),
            ("'1'", "1"),
            ("true", True),
            ("~", None),
            ("", None),
            ("-12", -12),
            ("1.0", 1.0),
            ("1e3", 1000.0),
            ("9007199254740993", 9007199254740993),
        ],
    )
    def test_a_word_is_text_unless_json_has_it(self, word: str, value: object) -> None:
        """Nobody has to know which words are true in Norway."""
        assert repr(value_of(f"a: {word}")["a"]) == repr(value)

    def test_more_digits_than_python_reads(self) -> None:
        """They are no number here, and come back as the text that they were."""
        digits = "1" * 5000
        (document,) = read_yaml(f"a: {digits}")

        assert [fault.path for fault in document.faults] == ["$.a"]
        assert read_yaml(write_yaml([digits]))[0].value == digits

    @pytest.mark.parametrize("word", ["0o17", "0x1F", "1_000", "017", "+1", ".5", "1.", ".inf"])
    def test_what_is_a_number_to_some_is_refused(self, word: str) -> None:
        """The one who wrote it knows which was meant."""
        (fault,) = faults(f"a: {word}")

        assert fault.startswith(f"1: $.a: {word} is a number in some YAML")

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("a: 1\nb: 2\na: 3", "3: $.a: is there twice, again on line 3"),
            ("a:\n  1: x", "2: $.a: expected text as a key on line 2; put it into quotes"),
            ("a: !!str x", "1: $.a: tags such as tag:yaml.org,2002:str are not read"),
            ("a: !x {}", "1: $.a: tags such as !x are not read"),
            ("a: &b [1]", "1: $.a: anchors and aliases are not read; write it out"),
        ],
    )
    def test_what_json_could_not_say_is_refused(self, text: str, fault: str) -> None:
        """Each with the line on which it stands."""
        assert fault.split(": ", 1)[1] in [one.split(": ", 1)[1] for one in faults(text)]

    def test_a_bomb_does_not_go_off(self) -> None:
        """An alias is refused and never followed."""
        lines = ["a0: &a0 [x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
        (parsed,) = read_yaml("\n".join(lines))

        assert parsed.value["a29"] == [None] * 9
        assert parsed.faults

    @pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\tb", "a: 'x", "[" * 5000, "a\0", DEEP])
    def test_what_is_no_yaml(self, text: str) -> None:
        """Is said to be none."""
        with pytest.raises(BadInput, match=r"is no YAML|less deeply"):
            read_yaml(text)

    def test_knows_the_line_of_each_part(self) -> None:
        """Or that of what it would stand in."""
        (parsed,) = read_yaml("a:\n  - b\n  - c:\n      d: 1\n")

        assert [parsed.line_of(path) for path in ("$.a[1].c.d", "$.a[1].c.e", "$.z")] == [4, 3, 1]


class TestJson:
    """`read_json`."""

    def test_a_key_that_stands_twice_is_found(self) -> None:
        """A decoder would take the last, in silence."""
        (parsed,) = read_json('{"a": {"b": 1, "b": 2}}')

        assert [fault.message for fault in parsed.faults] == [
            "the key 'b' is there twice in one object"
        ]

    @pytest.mark.parametrize(
        "text", ['{"a": NaN}', '{"a": 1', "{'a': 1}", '{"a": 1} x', "[" * 9999, DEEP]
    )
    def test_what_is_no_json(self, text: str) -> None:
        """Is said to be none."""
        with pytest.raises(BadInput, match=r"is no JSON|less deeply"):
            read_json(text)
