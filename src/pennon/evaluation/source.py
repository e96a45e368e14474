"""
The source of one generated function: its lines, its constants, and the attributes it has read.

Constants are bound as one tuple, the default of the argument `c`, and never written into the
source. So nothing that a flag says is ever executed, functions of one shape share one code
object, and a call pays for no constant that it does not reach.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, Final, NoReturn

from pennon.evaluation.attributes import ABSENT, ANONYMOUS, Reference, read
from pennon.evaluation.faults import Malformed
from pennon.evaluation.interpret import external_member, in_share, lists, outcome, split
from pennon.evaluation.run import Run
from pennon.evaluation.walk import follow

_SHAPES_KEPT: Final = 2048


class Source:
    """
    Collects the code of a function of `kinds` and `run`.

    *in_segment* says that it is a segment's: there is a `run` wherever that uses another.
    """

    def __init__(self, *, in_segment: bool = False) -> None:
        self.in_segment = in_segment
        self._constants: list[Any] = []
        self._prologue: list[str] = []
        self._lines: list[str] = []
        self._depth = 1
        self._kinds: dict[str, str] = {}
        self._held: dict[tuple[str, Reference], str] = {}

    @property
    def size(self) -> int:
        """How many values the code uses."""
        return len(self._constants)

    def constant(self, value: Any) -> str:
        """
        Return an expression for *value*.

        What comes again is bound again: the shape of a flag is not to depend on its names.
        """
        # A context's names are mostly interned: a dict then finds them without comparing.
        self._constants.append(sys.intern(value) if isinstance(value, str) else value)
        return f"c[{len(self._constants) - 1}]"

    def line(self, text: str) -> None:
        """Add a line at the present depth."""
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Add *header* and put what follows inside it; what is held inside ends with it."""
        self.line(header)
        held = dict(self._held)
        self._depth += 1
        yield
        self._depth -= 1
        self._held = held

    def kind(self, kind: str) -> str:
        """Return a name for the attributes of *kind*: ABSENT where the context lacks it."""
        name = self._kinds.get(kind)
        if name is None:
            name = self._kinds[kind] = f"k{len(self._kinds)}"
            self._prologue.append(f"    {name} = kinds.get({self.constant(kind)}, ABSENT)")
        return name

    def held(self, kind: str, reference: Reference) -> str | None:
        """Return the local that holds an attribute by now, if one does."""
        return self._held.get((kind, reference))

    def hold(self, kind: str, reference: Reference) -> str:
        """Return a local that holds an attribute, here and in what follows at this depth."""
        name = self.held(kind, reference)
        if name is None:
            name = f"a{len(self._held)}"
            self.line(f"{name} = {self.read(kind, reference)}")
            self._held[kind, reference] = name
        return name

    def read(self, kind: str, reference: Reference) -> str:
        """Return an expression that reads an attribute."""
        attributes = self.kind(kind)
        if len(reference) == 1 and reference != ANONYMOUS:
            return f"{attributes}.get({self.constant(reference[0])})"
        return f"read({attributes}, {self.constant(reference)})"

    def demand(self, kind: str, reference: Reference) -> str:
        """Return an expression that reads an attribute, or raises KeyError where it can."""
        held = self.held(kind, reference)
        if held is not None:
            return held
        if len(reference) > 1 or reference == ANONYMOUS:
            return self.read(kind, reference)
        attributes = self._kinds.get(kind) or f"kinds[{self.constant(kind)}]"
        return f"{attributes}[{self.constant(reference[0])}]"

    def bind(self) -> Callable[..., Any]:
        """Return the function."""
        text = "\n".join(["def function(kinds, run, c):", *self._prologue, *self._lines])
        return FunctionType(_compiled(text), _LIBRARY, None, (tuple(self._constants),))


@lru_cache(maxsize=_SHAPES_KEPT)
def _compiled(text: str) -> CodeType:
    names: dict[str, Any] = {}
    exec(compile(text, "<generated>", "exec"), _LIBRARY, names)
    code: CodeType = names["function"].__code__
    return code


def _malformed(message: str) -> NoReturn:
    raise Malformed(message)


_LIBRARY: Final[dict[str, Any]] = {
    "ABSENT": ABSENT,
    "Run": Run,
    "bisect_right": bisect_right,
    "external_member": external_member,
    "in_share": in_share,
    "follow": follow,
    "lists": lists,
    "malformed": _malformed,
    "outcome": outcome,
    "read": read,
    "split": split,
}
"""All that generated code can name beside its constants and what is built in."""
