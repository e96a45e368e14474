"""How a command prints: text for people, or one JSON line for programs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console, RenderableType

Json = Annotated[bool, Parameter(negative="", help="Print JSON for programs.")]
"""The option that every command has."""

# wide enough that what is piped into another program is never cut
_PIPE_WIDTH = 10_000


def print_text(text: RenderableType) -> None:
    """Print *text*, in colour on a terminal unless NO_COLOR is set."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    console.print(text, soft_wrap=isinstance(text, str) or not console.is_terminal)


def print_json(value: object) -> None:
    """Print *value* as one line of JSON, at once."""
    print(msgspec.json.encode(value).decode(), flush=True)
