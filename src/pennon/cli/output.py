"""How a command prints: text for people, or one JSON line for programs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, Parameter(negative="", help="Print JSON for programs.")]
"""The option that every command has."""

# wide enough that what is piped into another program is never cut
_PIPE_WIDTH = 10_000


def print_text(text: str | Text | Table) -> None:
    """
    Print *text*, in colour on a terminal unless NO_COLOR is set.

    Only a table is fitted to the terminal: commands in a text are there to be copied, and a line
    that is broken for show breaks when it is pasted.
    """
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    if isinstance(text, Text):
        text.rstrip()
    console.print(text, soft_wrap=not isinstance(text, Table))


def print_json(value: object) -> None:
    """Print *value* as one line of JSON, at once."""
    print(msgspec.json.encode(value).decode(), flush=True)
