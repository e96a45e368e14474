"""
Questions about external members, gathered: a key is asked about once, and many travel as one.

Whoever asks waits until its keys are in the cache, or it is known that they will not be.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

import msgspec

from pennon.model.members import MOST_KEYS
from pennon.relay.member_questions import MemberQuestions

GATHER_SECONDS: Final = 0.002
"""For how long questions are gathered before they are asked."""
MOST_BYTES: Final = 512 * 1024
"""The keys of one question, as JSON: half of what a node reads."""
MOST_AT_ONCE: Final = 8
"""How many questions are under way at once."""
MOST_WAITING: Final = 20_000
"""How many keys may wait; those that come then are not asked about."""

_encode = msgspec.json.Encoder().encode


class _Batch:
    """Keys that travel as one; `learnt` says in the end whether the cache knows of them all."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.size = 0
        self.learnt: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def has_room(self, size: int) -> bool:
        return len(self.keys) < MOST_KEYS and self.size + size <= MOST_BYTES


class _Desk:
    """What is asked about one segment: the batches that wait, and in which each key is."""

    def __init__(self) -> None:
        self.waiting: deque[_Batch] = deque()
        self.batches: dict[str, _Batch] = {}

    def place(self, key: str) -> _Batch:
        """Return the batch that *key* waits in from now on."""
        size = len(_encode(key)) + 1
        if not (self.waiting and self.waiting[-1].has_room(size)):
            self.waiting.append(_Batch())
        batch = self.batches[key] = self.waiting[-1]
        batch.keys.append(key)
        batch.size += size
        return batch


class MemberLookups:
    """
    Gathers questions for *gather* seconds, and what comes while one is under way.

    Of a segment one question is under way at a time. While nobody answers nobody waits: only once
    in a while a question goes out that would tell.
    """

    def __init__(self, questions: MemberQuestions, *, gather: float = GATHER_SECONDS) -> None:
        self.questions = questions
        self._gather = gather
        self._desks: dict[tuple[str, str], _Desk] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self.waiting = 0
        """How many keys wait to be known."""
        self.turned_away = 0
        """How many were not asked about, because too many were waiting."""

    async def learn(self, environment: str, wanted: Iterable[tuple[str, str]]) -> bool:
        """
        Have the cache learn of *wanted*, pairs of a segment and a key.

        Return whether it has; False says that it is no use to ask again now. Who gives up while it
        waits takes nothing from the others.
        """
        batches = {self._place(environment, segment, key) for segment, key in wanted}
        if self.questions.away or None in batches:
            return False
        waited = [batch.learnt for batch in batches if batch is not None]
        if waited:
            await asyncio.wait(waited)
        return all(learnt.result() for learnt in waited)

    def _place(self, environment: str, segment: str, key: str) -> _Batch | None:
        """Return the batch that *key* is in, None where there is no room for it."""
        place = (environment, segment)
        desk = self._desks.get(place)
        if desk is not None and key in desk.batches:
            return desk.batches[key]
        if self.waiting >= MOST_WAITING:
            self.turned_away += 1
            return None
        if desk is None:
            desk = self._desks[place] = _Desk()
            task = asyncio.create_task(self._serve(place, desk), name="members")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.waiting += 1
        return desk.place(key)

    async def _serve(self, place: tuple[str, str], desk: _Desk) -> None:
        """Ask about batch after batch, for as long as there is one."""
        try:
            await asyncio.sleep(self._gather)
            while desk.waiting:
                async with self._room:
                    batch = desk.waiting.popleft()
                    self._end(desk, batch, await self.questions.ask(*place, batch.keys))
        finally:
            del self._desks[place]
            for batch in set(desk.batches.values()):  # where this was cancelled
                self._end(desk, batch, False)

    def _end(self, desk: _Desk, batch: _Batch, learnt: bool) -> None:
        for key in batch.keys:
            del desk.batches[key]
        self.waiting -= len(batch.keys)
        batch.learnt.set_result(learnt)
