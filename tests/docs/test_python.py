"""The Python SDK's page, and the examples in its docstrings."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from typing import Final

import pytest

import pennon.sdk
from pennon.sdk.core import Core
from pennon.sdk.health import ClientState
from pennon.sdk.options import KEY_VARIABLE, URL_VARIABLE
from tests.builders.documentation import ROOT

PAGE: Final = (ROOT / "docs/python.md").read_text("utf-8")
MODULES: Final = (
    "pennon.testing",
    *sorted(f"pennon.sdk.{module.name}" for module in pkgutil.iter_modules(pennon.sdk.__path__)),
)


class TestPage:
    def test_arguments(self) -> None:
        """The page tells of every argument of a client, and of no other."""
        parameters = {*inspect.signature(Core.__init__).parameters} - {"self"}
        rows = PAGE.partition("## How a client is made")[2].partition("\n## ")[0]

        assert {*re.findall(r"^\| `(\w+)` ", rows, re.M)} == parameters

    @pytest.mark.parametrize("variable", [KEY_VARIABLE, URL_VARIABLE])
    def test_variables(self, variable: str) -> None:
        """It names the variables of the environment."""
        assert f"`{variable}`" in PAGE

    @pytest.mark.parametrize("state", sorted(ClientState.__args__))  # type: ignore[attr-defined]
    def test_states(self, state: str) -> None:
        """It says what each state means."""
        assert re.search(rf"^\|.*`{state}`.*\|", PAGE, re.M)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    """Every example in a docstring does what it shows."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0
