"""One context's answers, worked out once for all who ask with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from pennon.edge.client_stream.events import patch_event, put_event
from pennon.edge.client_stream.ledger import Ledger
from pennon.edge.client_stream.view import Answers, View
from pennon.evaluation.served_state import State
from pennon.model.context import Context
from pennon.model.position import Position

Wanted = frozenset[tuple[str, str]]
"""Members of external segments that are not known: segments with keys."""
_NOTHING: Final[Wanted] = frozenset()


class Watcher(Protocol):
    """Someone who is told when a group has learnt something by itself."""

    def look(self) -> None: ...


class Group:
    """
    What the streams of one context share: the answers, and the events that tell of them.

    *name* says whom it is for, and `streams` how many there are. An answer that hangs on members
    of external segments that are to be asked for stays as it was until they are known: `wanted`
    says which, and `settle` takes what they have brought.
    """

    __slots__ = (
        "_context",
        "_ledger",
        "_open",
        "_patch",
        "_position",
        "asking",
        "name",
        "streams",
        "unsure",
        "view",
        "wanted",
        "watchers",
    )

    def __init__(self, view: View, name: bytes, context: Context) -> None:
        self.view, self.name, self._context = view, name, context
        self.streams = 0
        self._position: Position | None = None
        self._ledger = Ledger(view.roster)
        self._patch: tuple[int, int, bytes] | None = None
        # Flags whose answers are to be found out, and those that were told without.
        self._open: frozenset[str] = frozenset()
        self.unsure: frozenset[str] = frozenset()
        self.wanted = _NOTHING
        self.asking = False
        self.watchers: dict[Watcher, None] = {}

    @property
    def serial(self) -> int:
        """How often the answers changed; a stream keeps the one that it was told."""
        return self._ledger.serial

    @property
    def is_over(self) -> bool:
        """Whether there are no answers to be had any more."""
        return self.view.position is None

    def is_behind(self, position: Position) -> bool:
        """Return whether the answers are older than *position*."""
        return self._position is None or self._position < position

    def refresh(self) -> None:
        """Have the answers of now, unless that is over."""
        now, had = self.view.position, self._position
        if now is None or now is had:
            return
        # Another that is equal: the same version came again, with other contents.
        affected = None if had is None or had == now else self.view.affected(had)
        if affected is None:
            self._take_all(self.view.all(self._context))
        elif affected:
            self._take(self.view.some(affected, self._context))
        self._position = now

    def settle(self, *, finally_: bool = False) -> None:
        """Answer anew what is open; *finally_* whatever is known, for those who have waited."""
        if self.is_over or not self._open:
            self.wanted = _NOTHING
            return
        answers = self.view.some(self._open, self._context)
        if finally_:
            self.unsure = self.unsure - self._open | answers.unsure
            self._open, self.wanted = frozenset(), _NOTHING
            self._ledger.take(answers.told)
        else:
            self._take(answers)

    def reopen(self) -> None:
        """Find out what was told without being known."""
        self._open, self.unsure = self._open | self.unsure, frozenset()
        self.settle()

    def put(self) -> bytes:
        """Return the event that says everything."""
        made = self.view.puts.get(self)
        if made is not None and made[0] == self.serial:
            return made[1]
        event = put_event(self._state(), (answer for _, answer in self._ledger.items()))
        if self.streams > 1:
            self.view.keep_put(self, self.serial, event)
        return event

    def patch(self, serial: int) -> bytes:
        """Return the event for who was told *serial* and lacks something: what it lacks."""
        if self._patch is not None and self._patch[:2] == (serial, self.serial):
            return self._patch[2]
        changed = self._ledger.changed_since(serial)
        event = self.put() if changed is None else self._patch_of(changed)
        # Kept for the others of the group, where there are any.
        self._patch = (serial, self.serial, event) if self.streams > 1 else None
        return event

    def go_on(self, held: State | None) -> bytes:
        """
        Return the event for who comes with what it *held*: none, a patch or everything.

        A patch says what every flag serves that may have been answered otherwise since.
        """
        if held is None or held.whose != self._state().whose:
            return self.put()
        if held.hash == self._ledger.hash:
            return b""
        affected = self.view.affected(held.position)
        if affected is None:
            return self.put()
        affected = affected | self.view.external()
        return self._patch_of(affected) if affected else self.put()

    def _patch_of(self, keys: Iterable[str]) -> bytes:
        told = {key: self._ledger.get(key) for key in keys}
        return patch_event(
            self._state(),
            [answer for answer in told.values() if answer is not None],
            [key for key, answer in told.items() if answer is None],
        )

    def _take_all(self, answers: Answers) -> None:
        self._ledger.move(self.view.roster)
        self._open = self.unsure = frozenset()
        gone = dict.fromkeys(key for key, _ in self._ledger.items())
        self._take(answers._replace(told={**gone, **answers.told}))

    def _take(self, answers: Answers) -> None:
        """Take what is certain; the rest stays open, and as it was."""
        told = answers.told
        if answers.unsure or self._open or self.unsure:
            others = self._open - told.keys()
            self._open = others | answers.unsure
            self.unsure = self.unsure - told.keys()
            self.wanted = answers.wanted | (self.wanted if others else _NOTHING)
            told = {key: one for key, one in told.items() if key not in answers.unsure}
        self._ledger.take(told)

    def _state(self) -> State:
        assert self._position is not None
        return State(self._position, self.name[:8], self._ledger.hash)
