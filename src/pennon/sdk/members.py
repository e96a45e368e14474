"""
Who is in segments whose members are kept outside of the datafile: read by every thread.

An evaluation takes what is known and never waits. What is not known it asks for in passing; the
answer comes in the background, for the evaluations after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from pennon.model.members import Membership

Question = tuple[str, str]
"""A segment and a key."""
Find = Callable[[str, str], Membership]
"""Says what is known of a key in a segment, at once."""

_MOST_WAITING: Final = 10_000


class Members:
    """
    Answers by what it was told to `begin` with, and keeps the questions that had no answer.

    Of the questions that wait, the oldest are forgotten beyond 10,000: whoever evaluates once more
    asks once more.
    """

    def __init__(self) -> None:
        self._find: Find | None = None
        self._at_any_age: Find = _nothing
        self._wake: Callable[[], object] = _nobody
        self._is_awake = False
        # To append and to take are one step of the interpreter each.
        self._waiting: deque[Question] = deque(maxlen=_MOST_WAITING)

    after_fork = __init__
    """What the parent's thread was told, a process that was forked off asks for itself."""

    def begin(self, find: Find, at_any_age: Find, wake: Callable[[], object]) -> None:
        """
        Answer by *find*, which any thread may call, and *wake* who answers the others.

        What is to be asked again by now is answered by *at_any_age* meanwhile: what was known of
        somebody does not lapse because nobody says whether it still holds.
        """
        self._at_any_age, self._find = at_any_age, find
        self._wake, self._is_awake = wake, False

    def known(self, segment: str, key: str) -> Membership:
        """Return what is known of *key*, at once, and ask where that is nothing."""
        find = self._find
        if find is None:
            return Membership.UNANSWERED
        membership = find(segment, key)
        if membership is Membership.UNANSWERED:
            membership = self._at_any_age(segment, key)
            self._waiting.append((segment, key))
            if not self._is_awake:
                self._is_awake = True
                with suppress(RuntimeError):  # the loop is closed: nobody follows any more
                    self._wake()
        return membership

    def take(self) -> set[Question]:
        """Return the questions so far and forget them; a later one wakes again."""
        self._is_awake = False
        taken = set()
        with suppress(IndexError):
            while True:
                taken.add(self._waiting.popleft())
        return taken


def _nothing(segment: str, key: str) -> Membership:
    """Know nothing: nothing is followed yet."""
    return Membership.UNANSWERED


def _nobody() -> None:
    """Wake nobody: nothing is followed yet."""
