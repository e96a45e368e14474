"""Asks who is in external segments, for groups whose answers hang on that."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from pennon.edge.client_stream.group import Group, Watcher
from pennon.relay.member_lookups import MemberLookups
from pennon.web.rounds import SLICE_SECONDS, Rounds

AGAIN_SECONDS: Final = 10.0
"""After how long what was not known in time is asked for again."""
_MOST_ROUNDS: Final = 64
"""How often at most something more is asked for one answer: chains of flags are 32 deep."""


class Asking:
    """
    Has *lookups* ask, for as long as who streams is kept waiting: *deadline* seconds.

    Then the answers are told with what is known, and asked for again every *again* seconds.
    """

    def __init__(
        self, lookups: MemberLookups, *, deadline: float, again: float = AGAIN_SECONDS
    ) -> None:
        self._lookups, self._deadline, self.again = lookups, deadline, again
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsure: dict[Group, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._tellings = Rounds[Watcher](lambda watcher: watcher.look(), seconds=SLICE_SECONDS)
        self._reopenings = Rounds[Group](self._reopen, seconds=SLICE_SECONDS)

    def begin(self, group: Group) -> None:
        """Ask for what *group* wants, unless that is under way, and tell when it is known."""
        if group.asking or not group.wanted:
            return
        group.asking = True
        task = asyncio.create_task(self._ask(group), name="client-stream-members")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, group: Group) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._deadline):
                for _ in range(_MOST_ROUNDS):
                    learnt = await self._lookups.learn(group.view.environment, group.wanted)
                    group.settle()
                    if not learnt or not group.wanted:
                        break
        group.settle(finally_=True)
        group.asking = False
        self._tell(group)

    def _tell(self, group: Group) -> None:
        self._tellings.add(group.watchers)
        if not group.unsure:
            group.watchers.clear()
            return
        self._unsure[group] = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.again, self._reopen_all)

    def _reopen_all(self) -> None:
        self._timer = None
        unsure, self._unsure = self._unsure, {}
        self._reopenings.add(unsure)

    def _reopen(self, group: Group) -> None:
        if not group.streams or group.is_over:
            return
        group.reopen()
        if group.wanted:
            self.begin(group)
        else:
            self._tell(group)
