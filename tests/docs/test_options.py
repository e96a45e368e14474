"""Every command and option is documented, and nothing that does not exist is."""

from __future__ import annotations

import inspect
import platform
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from cyclopts import App

from pennon.cli.app import make_app
from tests.builders.documentation import ROOT, rows, sections


class Option(NamedTuple):
    """An option of one command, as the documentation must show it."""

    command: str
    name: str
    variable: str
    default: str | None

    def __str__(self) -> str:
        return f"{self.command} {self.name}"


def _commands(app: App, path: tuple[str, ...]) -> Iterator[tuple[str, App]]:
    for name in app:
        if name.startswith("-"):
            continue
        command, inner = app[name], (*path, name)
        if command.default_command is None:
            yield from _commands(command, inner)
        else:
            yield " ".join(inner), command


def _options() -> Iterator[Option]:
    for command, app in _commands(make_app(), ("pennon",)):
        for argument in app.assemble_argument_collection():
            if argument.name != "*":
                variable = "PENNON_" + argument.name.strip("-").replace("-", "_").upper()
                default = _shown(argument.field_info.default)
                yield Option(command, argument.name, variable, default)


def _shown(default: object) -> str | None:
    """Return a default as a table shows it; None where it is told in words."""
    words = (None, "", (), inspect.Parameter.empty, platform.node())
    return None if default in words else f"`{default}`"


def _settings_rows(command: str) -> dict[str, list[str]]:
    """Return the rows of `docs/settings.md` that hold for *command*, by option."""
    return {
        row[0].split(", ")[0].strip("`"): row
        for heading, text in sections(ROOT / "docs" / "settings.md")
        if f"`{command}`" in heading or heading == "Every command"
        for row in rows(text)
    }


CLI_SECTIONS = dict(sections(ROOT / "docs" / "cli.md"))
OPTIONS = list(_options())
COMMANDS = [command for command, _ in _commands(make_app(), ("pennon",))]


class TestOptions:
    """`docs/settings.md` and the tables of `docs/cli.md`."""

    @pytest.mark.parametrize("option", OPTIONS, ids=str)
    def test_each_is_documented(self, option: Option) -> None:
        """Its name and variable stand together, in a page's row or in the command's section."""
        row = _settings_rows(option.command).get(option.name)
        where = " ".join(row) if row else CLI_SECTIONS[option.command]

        assert f"`{option.name}`" in where
        assert f"`{option.variable}`" in where

    @pytest.mark.parametrize("option", OPTIONS, ids=str)
    def test_the_default_is_the_real_one(self, option: Option) -> None:
        """A table never promises another default than the code has."""
        row = _settings_rows(option.command).get(option.name)

        assert row is None or option.default in (None, row[2])

    @pytest.mark.parametrize("command", COMMANDS)
    def test_no_row_outlives_its_option(self, command: str) -> None:
        """An option that is gone is gone from the page as well."""
        names = {option.name for option in OPTIONS if option.command == command}

        assert _settings_rows(command).keys() <= names


class TestCommands:
    """`docs/cli.md`."""

    def test_each_has_its_section(self) -> None:
        """A section a command, in the order in which the help names them, and no other."""
        assert list(CLI_SECTIONS) == COMMANDS

    @pytest.mark.parametrize("command", COMMANDS)
    def test_each_is_shown(self, command: str) -> None:
        """Every section has the command in a block to copy."""
        assert re.search(rf"^```sh\n(.*\n)*?{command}", CLI_SECTIONS[command], re.MULTILINE)
