"""One context's answers, worked out once for all who ask with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Set
from typing import Final

from pennon.edge.client_stream.events import patch_event, put_event
from pennon.edge.client_stream.view import View
from pennon.evaluation.served import Served
from pennon.evaluation.served_state import State
from pennon.model.context import Context
from pennon.model.position import Position

_MOST_REMEMBERED: Final = 64


class Group:
    """
    What the streams of one context share: the answers, and the events that tell of them.

    `serial` counts how often the answers changed; a stream keeps the one that it was told. *name*
    says whom the group is for, and `streams` how many there are.
    """

    __slots__ = (
        "_answers",
        "_changed",
        "_context",
        "_floor",
        "_hash",
        "_learning",
        "_patch",
        "_position",
        "_put",
        "_roster",
        "_unsure",
        "_view",
        "name",
        "serial",
        "streams",
    )

    def __init__(self, view: View, name: bytes, context: Context) -> None:
        self._view, self.name, self._context = view, name, context
        self.streams = 0
        self.serial = 0
        self._position: Position | None = None
        # The answers by their places in the roster, and when flags were answered otherwise last.
        self._roster = view.roster
        self._answers: list[Served | None] = []
        self._hash = 0
        self._changed: dict[str, int] = {}
        self._floor = 0
        # Whether answers hang on external members that are not known, and whether they are by the
        # time that they were asked about.
        self._unsure = False
        self._learning: asyncio.Future[bool] | None = None
        self._put: tuple[int, bytes] | None = None
        self._patch: tuple[int, int, bytes] | None = None

    @property
    def view(self) -> View:
        return self._view

    @property
    def is_over(self) -> bool:
        """Whether there are no answers to be had any more."""
        return self._view.position is None

    def is_behind(self, position: Position) -> bool:
        """Return whether the answers are older than *position*."""
        return self._position is None or self._position < position

    def refresh(self) -> None:
        """
        Have the answers of now, unless that is over.

        One that hangs on an external member who is not known stays what it was; he is asked
        about, and when that is known, all who follow the environment look again.
        """
        now, had = self._view.position, self._position
        again = self._unsure and self._learning is None
        if now is None or (now is had and not again):
            return
        lacking = self._view.lacking()
        affected = None if had is None or again else self._view.affected(had)
        if affected is None:
            self._unsure = False
            self._take_all(self._view.all(self._context, lacking), lacking.unsure)
        elif affected:
            self._take(self._view.some(affected, self._context, lacking), lacking.unsure)
        self._position = now
        self._unsure = self._unsure or bool(lacking.unsure)
        if lacking.wanted and self._learning is None:
            self._learning = asyncio.get_running_loop().create_future()
            self._view.learn(lacking, self._on_learnt)

    async def settle(self) -> None:
        """Return once the answers are sure, or there is nothing more to be learnt for now."""
        self.refresh()
        while (learning := self._learning) is not None:
            await asyncio.wait((learning,))
            if not learning.result():
                return
            self.refresh()

    @property
    def is_unsure(self) -> bool:
        """Whether answers hang on external members that are not known."""
        return self._unsure

    def _on_learnt(self, learnt: bool) -> None:
        learning, self._learning = self._learning, None
        if learning is not None:
            learning.set_result(learnt)
        if learnt and self._unsure:
            self._view.look_again()

    def put(self) -> bytes:
        """Return the event that says everything."""
        if self._put is None or self._put[0] != self.serial:
            event = put_event(self._state(), (answer for _, answer in self._items()))
            if self.streams < 2:
                return event
            self._put = self.serial, event
        return self._put[1]

    def patch(self, serial: int) -> bytes:
        """Return the event for who was told *serial* and lacks something: what it lacks."""
        if serial < self._floor:
            return self.put()
        if self._patch is None or self._patch[:2] != (serial, self.serial):
            later = {key: None for key, when in self._changed.items() if when > serial}
            self._patch = serial, self.serial, self._patch_of(later)
        return self._patch[2]

    def go_on(self, held: State | None) -> bytes:
        """
        Return the event for who comes with what it *held*: none, a patch or everything.

        A patch says what every flag serves that may have been answered otherwise since.
        """
        if held is None or held.whose != self._state().whose:
            return self.put()
        if held.hash == self._hash:
            return b""
        affected = self._view.affected(held.position)
        return self._patch_of(dict.fromkeys(affected)) if affected else self.put()

    def _patch_of(self, keys: Mapping[str, None]) -> bytes:
        told = {key: self._answer(key) for key in keys}
        return patch_event(
            self._state(),
            [answer for answer in told.values() if answer is not None],
            [key for key, answer in told.items() if answer is None],
        )

    def _take_all(self, answers: Mapping[str, Served], unsure: Set[str]) -> None:
        held = dict(self._items())
        if self._roster is not self._view.roster:
            self._roster, self._answers, self._hash = self._view.roster, [], 0
            for key, answer in held.items():
                self._set(key, answer)
        self._take({**dict.fromkeys(held), **answers}, unsure)

    def _take(self, answers: Mapping[str, Served | None], unsure: Set[str]) -> None:
        """Note what is answered otherwise than before; all of it at once is one change."""
        changed = [
            key
            for key, answer in answers.items()
            if not (key in unsure and self._answer(key)) and self._set(key, answer)
        ]
        if changed:
            self.serial += 1
            self._put = self._patch = None
            self._remember(changed)

    def _remember(self, changed: list[str]) -> None:
        if len(changed) > _MOST_REMEMBERED or self._position is None:
            self._changed, self._floor = {}, self.serial
            return
        for key in changed:
            self._changed.pop(key, None)
            self._changed[key] = self.serial
        while len(self._changed) > _MOST_REMEMBERED:
            oldest = next(iter(self._changed))
            self._floor = self._changed.pop(oldest)

    def _answer(self, key: str) -> Served | None:
        place = self._roster.find(key)
        return None if place is None or place >= len(self._answers) else self._answers[place]

    def _set(self, key: str, answer: Served | None) -> bool:
        """Keep *answer*, be it equal to the one before: others share it. Return if it is not."""
        before = self._answer(key)
        if answer is not None:
            place = self._roster.place(key)
            self._answers += [None] * (place + 1 - len(self._answers))
            self._answers[place] = answer
            self._hash ^= answer.share
        elif before is not None:
            self._answers[self._roster.place(key)] = None
        if before is not None:
            self._hash ^= before.share
        return before != answer

    def _items(self) -> Iterator[tuple[str, Served]]:
        for key, answer in zip(self._roster.keys, self._answers, strict=False):
            if answer is not None:
                yield key, answer

    def _state(self) -> State:
        assert self._position is not None
        return State(self._position, self.name[:8], self._hash)
