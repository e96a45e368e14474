"""`constraints.txt` pins what `pyproject.toml` asks for."""

from __future__ import annotations

import re
import tomllib

from tests.builders.documentation import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LINES = [
    line
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def normal(name: str) -> str:
    """Return a distribution's name in the one form in which names compare."""
    return re.sub(r"[-_.]+", "-", name).lower()


class TestConstraints:
    """What `make constraints` writes."""

    def test_holds_names_and_versions_only(self) -> None:
        """No address: the file works behind any mirror."""
        assert [line for line in LINES if not re.fullmatch(r"[\w.-]+==[\w.+!-]+", line)] == []

    def test_pins_everything_that_is_asked_for(self) -> None:
        """A new requirement is pinned in the change that brings it."""
        project = PROJECT["project"]
        asked = [
            *PROJECT["build-system"]["requires"],
            *project["dependencies"],
            *(name for extra in project["optional-dependencies"].values() for name in extra),
            *(name for group in PROJECT["dependency-groups"].values() for name in group),
        ]
        names = {normal(re.split(r"[^\w.-]", requirement)[0]) for requirement in asked}
        pinned = {normal(line.partition("==")[0]) for line in LINES}

        assert names - pinned == set()
