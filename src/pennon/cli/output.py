"""How a command prints: text for people, or one JSON line for programs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, Parameter(negative="", help="Print JSON for programs.")]
"""The option that every command has."""

# wide enough that what is piped into another program is never cut
_PIPE_WIDTH = 10_000

_CONTROLS = {*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")}
_MARKED = dict.fromkeys(_CONTROLS, "\N{REPLACEMENT CHARACTER}")


def print_text(text: str | Text | Table) -> None:
    """
    Print *text*, in colour on a terminal unless NO_COLOR is set.

    Only a table is fitted to the terminal: commands in a text are there to be copied, and a line
    that is broken for show breaks when it is pasted. Signs that steer a terminal are not printed:
    what is shown may come from anybody who holds a key that pages have.
    """
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    if isinstance(text, Text):
        text.rstrip()
    console.print(_Harmless(text), soft_wrap=not isinstance(text, Table))


class _Harmless:
    """What *shown* is, with a mark for each sign that steers a terminal."""

    def __init__(self, shown: str | Text | Table) -> None:
        self._shown = shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in console.render(self._shown, options):
            yield part if part.control else part._replace(text=part.text.translate(_MARKED))


def print_json(value: object) -> None:
    """Print *value* as one line of JSON, at once."""
    print(msgspec.json.encode(value).decode(), flush=True)
