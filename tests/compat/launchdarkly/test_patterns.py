"""Regular expressions between dialects."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.compat.launchdarkly.patterns import export_pattern, import_pattern
from pennon.errors import Refused
from pennon.evaluation.pattern.search import compile_pattern
from tests.fuzz.words import PATTERNS


class TestExport:
    @pytest.mark.parametrize(
        ("pattern", "written"),
        [
            ("^pro$", "^pro$"),
            (r"\d+", "[0-9]+"),
            (r"\w", "[0-9A-Z_a-z]"),
            (r"\S", r"[^\x09-\x0a\x0c-\x0d\x20]"),
            (r"[\W_]", "[^0-9A-Za-z]"),
            (".", r"[^\x0a]"),
            (r"[\d\D]", r"[\s\S]"),
            (r"a\.b", r"a\.b"),
            (r"\t", r"\x09"),
            ("a|b", "a|b"),
            ("(a|b)c", "(?:a|b)c"),
            ("(ab){2,}?", "(?:ab){2,}"),
            ("😀+", "(?:😀)+"),
            ("a{3}b{2,3}c?", "a{3}b{2,3}c?"),
        ],
    )
    def test_only_what_every_engine_reads_alike_is_written(
        self, pattern: str, written: str
    ) -> None:
        """Shorthands, dots and astral characters are written out; greed does not matter."""

        assert export_pattern(pattern, "$") == written

    @pytest.mark.parametrize("pattern", ["(", "a**", "(?=p)", "x{2,1}"])
    def test_an_invalid_pattern_matches_nothing(self, pattern: str) -> None:
        """It is left out, as it would never match here."""

        assert export_pattern(pattern, "$") is None

    @pytest.mark.parametrize("pattern", [r"\bpro", r"a\B", "[a-😀]"])
    def test_what_engines_differ_on_is_refused(self, pattern: str) -> None:
        """Words beyond ASCII, and classes beyond 16 bits."""

        with pytest.raises(Refused, match=r"^\$\.values\[0\]: engines differ"):
            export_pattern(pattern, "$.values[0]")

    @given(st.sampled_from(PATTERNS), st.text("prof a-1.é\n@x", max_size=12))
    def test_what_is_written_finds_the_same(self, pattern: str, subject: str) -> None:
        """Our own search, before and after, and Python's engine agree."""
        written = export_pattern(pattern, "$")
        assert written is not None
        before, after = compile_pattern(pattern), compile_pattern(written)
        assert before is not None
        assert after is not None

        assert after(subject) == before(subject)
        if not subject.endswith("\n"):
            assert (re.search(written, subject) is not None) == before(subject)


class TestImport:
    @pytest.mark.parametrize("pattern", PATTERNS)
    def test_a_portable_pattern_stays_as_it_is(self, pattern: str) -> None:
        """There is nothing to gain from another writing."""

        assert import_pattern(pattern, "$") == pattern

    @pytest.mark.parametrize(
        ("pattern", "written"),
        [
            ("(?i)pro", "[Pp][Rr][Oo]"),
            ("(?i)^a[b-d]1$", "^[Aa][B-Db-d]1$"),
            ("(?i)[^@]+", r"[^\x40]+"),
            (r"(?i)\d|x", "[0-9]|[Xx]"),
            ("(?i)(?:ab)*", "(?:[Aa][Bb])*"),
        ],
    )
    def test_ignoring_case_is_written_out(self, pattern: str, written: str) -> None:
        """Both cases of every ASCII letter."""

        assert import_pattern(pattern, "$") == written

    @pytest.mark.parametrize(
        "pattern",
        ["(?s).", "(?m)^a", "a(?i)b", "(?i)[^a]", "(?i)é", "(?=a)", r"(a)\1", "(?P<n>a)", "("],
    )
    def test_all_else_is_refused(self, pattern: str) -> None:
        """What it means depends on the engine: never approximated."""

        with pytest.raises(Refused, match=r"^\$\.values\[0\]: "):
            import_pattern(pattern, "$.values[0]")
