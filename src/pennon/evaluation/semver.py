"""
Versions of one to three numbers, ordered by the precedence of Semantic Versioning 2.0.

Looser than the standard in one point only: a missing number is 0 (``2-rc1`` is ``2.0.0-rc1``).
"""

from __future__ import annotations

import re
from typing import Any, Final

_NUMBER = r"(?:0|[1-9][0-9]*)"
_IDENTIFIER = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION: Final = re.compile(
    rf"({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)

Version = tuple[Any, ...]
"""Orders as the versions do; compare it with another one only."""


def parse_version(value: Any) -> Version | None:
    """Return the precedence of a version, or None when *value* is none. Build is ignored."""
    found = _VERSION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    major, minor, patch, pre_release = found.groups()
    numbers = (_numeric(major), _numeric(minor or "0"), _numeric(patch or "0"))
    if pre_release is None:
        return (*numbers, 1, ())
    return (*numbers, 0, tuple(_identifier(part) for part in pre_release.split(".")))


def _identifier(part: str) -> tuple[Any, ...]:
    # Numbers come before words; each compares with its own sort.
    return (0, *_numeric(part)) if part.isdigit() else (1, part)


def _numeric(digits: str) -> tuple[int, str]:
    # Without leading zeros, length and then text order as the number does, however big it is.
    return (len(digits), digits)
