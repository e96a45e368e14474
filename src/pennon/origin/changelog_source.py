"""
The origin's own source: the database's changelog as a stream of messages.

The bus only wakes it, and a tick does where the bus is silent. One query a wake says where every
environment stands; rows are read only for those that moved, and once, however many follow.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Final

from sqlalchemy.exc import DBAPIError

from pennon.errors import SourceLost
from pennon.model.codec import format_digest
from pennon.model.messages import Change, Contact, Heartbeat, Message, Snapshot
from pennon.model.position import Position
from pennon.origin import changelog
from pennon.origin.bus import Bus
from pennon.origin.changelog import EnvironmentState
from pennon.origin.db import Database

_BATCH: Final = 500


class ChangelogSource:
    """
    Follows the changelog of one database.

    It looks at least every *tick* seconds and sends a heartbeat an environment every *heartbeat*
    seconds; *clock* gives epoch milliseconds.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Callable[[], int],
        *,
        tick: float = 1.0,
        heartbeat: float = 30.0,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._tick = tick
        self._heartbeat_ms = heartbeat * 1000

    async def messages(
        self, positions: Mapping[str, Position | None]
    ) -> AsyncGenerator[Message, None]:
        """
        Yield what a follower at *positions* lacks, then what is committed, for ever.

        None means that it has nothing of that environment. An environment that does not exist
        is waited for. Raises SourceLost when the database does not answer.
        """
        followed = [_Followed(name, held) for name, held in positions.items()]
        with self._bus.subscribe() as wakeups:
            while True:
                try:
                    async with aclosing(self._news(followed)) as news:
                        async for message in news:
                            yield message
                except DBAPIError as error:
                    raise SourceLost(f"The database did not answer: {error.orig}") from error
                yield Contact()
                await wakeups.wait(self._tick)

    async def _news(self, followed: list[_Followed]) -> AsyncGenerator[Message, None]:
        names = [one.environment for one in followed]
        states = await self._database.read(partial(changelog.positions, environments=names))
        for one in followed:
            state = states.get(one.environment)
            if state is None:
                continue
            behind = one.held is None or one.held < state.position
            while one.held is None or one.held < state.position:
                messages = await self._after(one)
                if not messages:
                    break
                for message in messages:
                    one.held = message.position
                    yield message
            # A snapshot may have overtaken what we saw; the next look has the heartbeat for it.
            overtaken = behind and one.held != state.position
            if self._is_due(one) and not overtaken:
                one.told_at = self._clock()
                yield _heartbeat(one.environment, state, one.told_at)

    async def _after(self, one: _Followed) -> list[Change] | list[Snapshot]:
        environment = one.environment
        if one.held is not None:
            changes = await self._database.read(
                partial(
                    changelog.changes_after,
                    environment=environment,
                    position=one.held,
                    limit=_BATCH,
                )
            )
            if changes is not None:
                return changes
        return [await self._database.read(partial(changelog.snapshot, environment=environment))]

    def _is_due(self, one: _Followed) -> bool:
        if one.told_at is None:
            return True
        # A clock that was put back has it told at once, and not only when the time is there again.
        return not 0 <= self._clock() - one.told_at < self._heartbeat_ms


class _Followed:
    """One environment as its follower has it, and when it last had a heartbeat."""

    __slots__ = ("environment", "held", "told_at")

    def __init__(self, environment: str, held: Position | None) -> None:
        self.environment = environment
        self.held = held
        self.told_at: int | None = None


def _heartbeat(environment: str, state: EnvironmentState, time: int) -> Heartbeat:
    return Heartbeat(
        environment=environment,
        epoch=state.position.epoch,
        version=state.position.version,
        digest=format_digest(state.digest),
        time=time,
    )
