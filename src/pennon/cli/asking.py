"""Asks a person for agreement."""

from __future__ import annotations

import sys


def agreed(question: str) -> bool:
    """Return whether a person says yes; the question is no part of what is printed."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
