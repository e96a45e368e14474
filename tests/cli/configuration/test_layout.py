"""Where each thing of a project lies in a folder."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.cli.config_layout import file_name, kind_of, pieces_of

KEYS = st.from_regex(r"(?!\.\.?\Z)[A-Za-z0-9._-]{1,256}", fullmatch=True) | st.sampled_from(
    ["CON", "nul.txt", "a", "A", ".a", "a.", "x" * 256, "X" * 256, "com1", "~".replace("~", "-")]
)


def paths(keys: Iterable[str]) -> list[str]:
    """Return where the flags of these keys lie."""
    flags: dict[str, object] = {key: {"type": "boolean"} for key in keys}
    return [str(one.path) for one in pieces_of("shop", {"flags": flags}, "yaml")][1:]


class TestLayout:
    """`pieces_of`."""

    def test_a_document_says_what_it_is_first(self) -> None:
        """Its key, then a flag's type, then what there is of it."""
        configuration = {
            "project": {"name": "Shop"},
            "environments": {"live": {}},
            "segments": {"beta": {"salt": "s"}},
            "flags": {"a": {"name": "A", "type": "boolean"}},
        }
        found = {
            str(one.path): list(one.document.items())
            for one in pieces_of("shop", configuration, "json")
        }

        assert found == {
            "pennon.json": [("project", "shop"), ("name", "Shop"), ("environments", {"live": {}})],
            "segments/beta.json": [("segment", "beta"), ("salt", "s")],
            "flags/a.json": [("flag", "a"), ("type", "boolean"), ("name", "A")],
        }

    @pytest.mark.parametrize("key", ["new-checkout", "newCheckout", "a.b_c", "1", "-"])
    def test_a_file_has_the_name_of_its_key(self, key: str) -> None:
        """Wherever it can."""
        assert paths([key]) == [f"flags/{key}.yaml"]

    @pytest.mark.parametrize("key", ["../../etc/passwd", "..", "/root", "a\\b", "a\0", ""])
    def test_no_key_leads_out_of_its_folder(self, key: str) -> None:
        """Not that of an origin that means harm either."""
        assert not {"/", "\\", "\0"} & set(file_name(key))
        assert file_name(key).count("~") == 1

    @pytest.mark.parametrize("key", ["con", "NUL.x", ".hidden", "a.", "x" * 101])
    def test_a_name_that_some_system_cannot_have_gets_a_hash(self, key: str) -> None:
        """The same on every system."""
        assert "~" in file_name(key)

    @given(st.lists(KEYS, unique=True, max_size=6))
    def test_no_two_share_a_file(self, keys: list[str]) -> None:
        """Not where capitals do not count either, nor where names have 255 bytes."""
        found = paths(keys)

        assert len({path.casefold() for path in found}) == len(keys)
        assert all(len(path.encode()) < 200 and path.count("/") == 1 for path in found)

    def test_one_of_two_that_differ_in_capitals_keeps_its_name(self) -> None:
        """The one in small letters."""
        lower, upper = paths(["ab", "aB"])

        assert lower == "flags/ab.yaml"
        assert upper.startswith("flags/ab~")


class TestKinds:
    @pytest.mark.parametrize(
        ("document", "kind"),
        [({"flag": "a"}, "flag"), ({"flag": "a", "segment": "b"}, None), ({}, None), ("a", None)],
    )
    def test_one_field_tells(self, document: object, kind: str | None) -> None:
        """And two tell nothing."""
        assert kind_of(document) == kind
