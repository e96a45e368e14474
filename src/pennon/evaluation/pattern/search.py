"""Patterns ready to be searched: by RE2 where it is installed, else by our own automaton."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pennon.evaluation.pattern.automaton import Automaton
from pennon.evaluation.pattern.syntax import BadPattern, Node, parse_pattern
from pennon.evaluation.text import encode_text

try:
    import re2  # type: ignore[import-untyped]
except ImportError:
    re2 = None

MAX_SUBJECT_BYTES: Final = 4096

Search = Callable[[str], bool]


def compile_pattern(pattern: str) -> Search | None:
    """Return a linear-time search for *pattern*, or None when it is not portable."""
    try:
        tree = parse_pattern(pattern)
    except BadPattern:
        return None
    return with_re2(pattern) or with_automaton(tree)


def with_re2(pattern: str) -> Search | None:
    """Return the search by RE2, or None where that is not installed or refuses."""
    if re2 is None:
        return None
    options = re2.Options()
    options.log_errors = False
    try:
        find = re2.compile(pattern.encode(), options).search
    except re2.error:
        return None

    def search(text: str) -> bool:
        subject = encode_text(text)
        return len(subject) <= MAX_SUBJECT_BYTES and find(subject) is not None

    return search


def with_automaton(tree: Node) -> Search:
    """Return the search by our own automaton."""
    automaton = Automaton(tree)

    def search(text: str) -> bool:
        subject = encode_text(text)
        return len(subject) <= MAX_SUBJECT_BYTES and automaton.search(subject.decode())

    return search
