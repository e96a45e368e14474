"""
Instructions: changes that say what is meant, carried out on whatever is there by then.

"Add ada to those who get `on`" loses nothing to a change that somebody else made a moment
before, as a whole object would. What an instruction does is a pure function of the object and
the instruction; the features say which there are. All of a request's are carried out or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Final, TypeVar

from msgspec import Meta, Struct

from pennon.errors import BadInput, Fault

MOST_INSTRUCTIONS: Final = 100
NOTHING: Final = "changed nothing"
"""What is said of an instruction whose aim was reached already."""

Keys = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=1024)], ...], Meta(max_length=50_000)
]
"""Context keys."""

T = TypeVar("T")
I = TypeVar("I", bound=Struct)  # noqa: E741 - an instruction

Places = Iterable[tuple[str, str]]
"""Paths in the object with the paths in the instruction that says what is there."""


def _tag(name: str) -> str:
    return name[0].lower() + name[1:]


class Instruction(
    Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
    tag=_tag,
):
    """The base of all; `kind` is the name of the class. A context's kind is `contextKind`."""


class RemoveRule(Instruction, frozen=True, kw_only=True):
    """Remove a rule."""

    rule_id: str


class ReorderRules(Instruction, frozen=True, kw_only=True):
    """Put the rules into another order; `ruleIds` names each of them once."""

    rule_ids: tuple[str, ...]


def carry_out(
    start: T,
    instructions: Sequence[I],
    apply: Callable[[T, I], T],
    told: Callable[[T, T], Sequence[str]],
) -> tuple[T, tuple[str, ...]]:
    """
    Return what *start* becomes, and for each instruction what it did, as *told*.

    Raises BadInput when one cannot be carried out, with its place among them.
    """
    summary = []
    for place, instruction in enumerate(instructions):
        try:
            after = apply(start, instruction)
        except BadInput as error:
            raise BadInput(
                Fault(f"$.instructions[{place}]{fault.path.removeprefix('$')}", fault.message)
                for fault in error.faults
            ) from None
        summary.append("; ".join(told(start, after)) or NOTHING)
        start = after
    return start, tuple(summary)


def located(
    faults: Iterable[Fault],
    instructions: Sequence[I],
    after: T,
    places: Callable[[I, T], Places],
) -> list[Fault]:
    """
    Return *faults* of *after* at the instructions that caused them.

    That is the one whose *places* come nearest to the fault, of several the last; what none has
    touched keeps its path.
    """
    pairs = [
        (there, f"$.instructions[{number}]{here.removeprefix('$')}")
        for number, instruction in reversed(list(enumerate(instructions)))
        for there, here in places(instruction, after)
    ]
    return [Fault(_moved(fault.path, pairs), fault.message) for fault in faults]


def _moved(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    holding = [pair for pair in pairs if _holds(pair[0], path)]
    if not holding:
        return path
    there, here = max(holding, key=lambda pair: len(pair[0]))
    return here + path.removeprefix(there)


def _holds(outer: str, path: str) -> bool:
    return path.startswith(outer) and path[len(outer) : len(outer) + 1] in ("", ".", "[")
