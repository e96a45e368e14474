from __future__ import annotations

import re
import subprocess
import sys

from hypothesis import assume, given
from hypothesis import strategies as st

from pennon.evaluation.pattern.search import compile_pattern, with_automaton, with_re2
from pennon.evaluation.pattern.syntax import BadPattern, parse_pattern

_atoms = st.sampled_from(
    (
        *("a", "b", "é", "😀", "1", "-", " ", ".", "\\.", "\\n", "\\x41", "(?:)"),
        *("\\d", "\\w", "\\S", "\\W", "[ab]", "[^a]", "[a-c-]", "[\\d_]", "[^\\W]"),
    )
)
_anchors = st.sampled_from(["^", "$", "\\b", "\\B"])
_quantifiers = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "{0}"])


def _sequences(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    piece = st.builds(str.__add__, inner, _quantifiers) | _anchors
    return st.lists(piece, max_size=4).map("".join)


def _grouped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    branches = st.lists(_sequences(inner), min_size=1, max_size=3).map("|".join)
    return branches.flatmap(lambda text: st.sampled_from([f"({text})", f"(?:{text})"]))


patterns = _sequences(st.recursive(_atoms, _grouped, max_leaves=6))
subjects = st.text(st.sampled_from("ab1A_- .\n\té😀cd"), max_size=8)


class TestEngines:
    @given(patterns, subjects)
    def test_the_automaton_finds_what_re2_finds(self, pattern: str, subject: str) -> None:
        """One meaning, whichever is installed."""
        re2 = with_re2(pattern)
        assert re2 is not None

        assert with_automaton(parse_pattern(pattern))(subject) is re2(subject)

    @given(patterns, subjects)
    def test_the_automaton_finds_what_a_backtracking_engine_finds(
        self, pattern: str, subject: str
    ) -> None:
        """Python's `re` says the same of short subjects, told where the end is."""
        # Its `\B` never holds in an empty subject, and its `\s` has a vertical tab.
        assume("\\B" not in pattern or subject)
        expected = re.search(_for_python(pattern), subject, re.ASCII) is not None

        assert with_automaton(parse_pattern(pattern))(subject) is expected

    @given(st.text(st.sampled_from("ab^$.|()[]{}*+?\\-,1dDbxn:=<"), max_size=10), subjects)
    def test_whatever_is_accepted_means_the_same_to_re2(self, pattern: str, subject: str) -> None:
        """The grammar lets nothing in that RE2 refuses or reads otherwise."""
        try:
            tree = parse_pattern(pattern)
        except BadPattern:
            return
        re2 = with_re2(pattern)
        assert re2 is not None, pattern

        assert with_automaton(tree)(subject) is re2(subject)


def _for_python(pattern: str) -> str:
    """Write `$` as Python's absolute end, wherever it is not escaped or in a class."""
    return re.sub(r"(\\.)|\$", lambda found: found[1] or r"\Z", pattern)


class TestAutomaton:
    def test_it_forgets_before_it_fills_the_memory(self) -> None:
        """More characters than are remembered still get the right answers."""
        search = with_automaton(parse_pattern("^[^a]*b$"))

        for start in range(0x4E00, 0x4E00 + 30_000, 1000):
            text = "".join(map(chr, range(start, start + 1000)))
            assert search(text + "b")
            assert not search(text + "ab")

    def test_what_makes_others_hang_is_a_moment(self) -> None:
        """Nested repetition over a long subject, which ends without a match."""
        search = with_automaton(parse_pattern("(a?){100}(a*)*(a|aa)+$"))

        assert not search("a" * 4000 + "b")

    def test_a_search_is_compiled_from_portable_patterns_only(self) -> None:
        """The rest is None, and never reaches an engine."""
        assert compile_pattern("(?i)a") is None
        assert compile_pattern("\ud800") is None

    def test_it_searches_where_re2_is_not_installed(self) -> None:
        """The SDK's own install has none."""
        code = (
            "import sys; sys.modules['re2'] = None\n"
            "from pennon.evaluation.pattern.search import compile_pattern, with_re2\n"
            "print(with_re2('a'), compile_pattern('^a+$')('aa'), compile_pattern('^a+$')('ab'))"
        )

        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

        assert done.stdout.split() == ["None", "True", "False"]
