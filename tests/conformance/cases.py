"""Reads the cases of `conformance/` for pytest: a parameter a case, named by its rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2] / "conformance"


def read(name: str) -> Any:
    """Return one file of `conformance/`."""
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def cases_of(folder: str) -> list[Any]:
    """Return the cases of every file in a folder, each as a pytest parameter."""
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted((ROOT / folder).glob("*.json"))
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
    ]


def cases_in(name: str) -> list[Any]:
    """Return the cases of one file, each as a pytest parameter."""
    return [pytest.param(case, id=case["name"]) for case in read(name)["cases"]]
