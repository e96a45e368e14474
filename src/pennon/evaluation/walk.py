"""
The walk through a plan that is too large for one function: questions, and where each leads.

It goes from question to question in a loop. So it needs no more of the stack for conditions that
nest, or for rules that are many, and makes a question's function when it first comes there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, Union

from pennon.evaluation.entries import Contains, Kinds

End = TypeVar("End")


class Question(Generic[End]):
    """
    As much of a plan as one function answers; *then* follows where it holds.

    `holds` is that function, None until it is made.
    """

    __slots__ = ("holds", "make", "otherwise", "then")

    def __init__(
        self, make: Callable[[], Contains], then: Place[End], otherwise: Place[End]
    ) -> None:
        self.make = make
        self.holds: Contains | None = None
        self.then = then
        self.otherwise = otherwise


Place = Union[Question[End], End]  # noqa: UP007  # `|` cannot be subscripted in Python 3.11
"""What is asked next, or the end that was reached."""


def follow(place: Place[End], kinds: Kinds, run: Any) -> End:
    """Return the end that the questions from *place* on lead to."""
    while isinstance(place, Question):
        holds = place.holds
        if holds is None:
            holds = place.holds = place.make()
        place = place.then if holds(kinds, run) else place.otherwise
    return place
