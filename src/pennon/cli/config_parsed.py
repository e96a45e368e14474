"""A document that was read from a file: its value, and on which line each part of it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import json

from pennon.errors import Fault

Steps = tuple[str | int, ...]
"""A path as its steps: ``$.rules[0]`` is ``("rules", 0)``."""

MOST_DEEP: Final = 100
"""How deep objects and lists may stand in each other."""

_STEP: Final = re.compile(r'\.([^.\[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


@dataclass(frozen=True, slots=True)
class Parsed:
    """
    One document of a file.

    `lines` hold the line of each part by its steps, where the form of the file tells it; `faults`
    are those that the form itself has.
    """

    value: Any
    lines: Mapping[Steps, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def line_of(self, path: str) -> int | None:
        """Return the line on which what is at *path* stands, or what it would stand in."""
        steps = steps_of(path)
        while steps not in self.lines and steps:
            steps = steps[:-1]
        return self.lines.get(steps)


def steps_of(path: str) -> Steps:
    """Return a path such as ``$.flags["a"].rules[0]`` as its steps."""
    return tuple(
        found[1] if found[1] is not None else json.decode(found[3] or found[2])
        for found in _STEP.finditer(path)
    )


def is_too_deep(value: object) -> bool:
    """Return whether something in *value* stands deeper than it may; found without recursion."""
    level = [value]
    for _ in range(MOST_DEEP):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)
