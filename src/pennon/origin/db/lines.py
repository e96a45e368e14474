"""
Lines: units of work that want the same thing are done in the order in which they came.

Those that have come while others were at it are committed together, so that they wait for the
disk, and for each other, once and not one after the other. Each keeps its own fate: what one
raises takes back what that one wrote, and nobody is answered before all of it is committed.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pennon.errors import SourceLost
from pennon.origin.db.losses import reason_of

T = TypeVar("T")

Work = Callable[[Connection], T]

_TOGETHER_SECONDS: Final = 0.1
"""How long a transaction goes on to take up work: who is first waits for all to be committed."""

_WORK: Final = "work"


class Run(Protocol):
    """Runs a unit of work as one write transaction, for the line of a name."""

    def __call__(self, name: str, work: Work[T], /) -> Awaitable[T]: ...


class Lines:
    """Lines by name; what has waited for longer than *patience* seconds is not begun."""

    def __init__(
        self, run: Run, patience: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._run = run
        self._patience = patience
        self._clock = clock
        self._lines: dict[str, deque[_Asked]] = {}
        self._serving: set[asyncio.Task[None]] = set()

    async def write(self, name: str, work: Work[T]) -> T:
        """
        Return what *work* returns, once it is committed; raise what it raises.

        It is run again by itself where the database refuses what it was committed with. Raises
        SourceLost when the line is too long.
        """
        asked = _Asked(work, self._clock())
        line = self._lines.get(name)
        if line is None:
            line = self._lines[name] = deque()
            serving = asyncio.create_task(self._serve(name, line), name=f"line {name}")
            self._serving.add(serving)
            serving.add_done_callback(self._serving.discard)
        line.append(asked)
        result: T = await asked.answer
        return result

    async def ended(self) -> None:
        """Wait until nobody is in line."""
        while self._serving:
            await asyncio.wait(self._serving)

    async def _serve(self, name: str, line: deque[_Asked]) -> None:
        while batch := self._next(line):
            answered = await self._do(name, batch)
            line.extendleft(reversed(batch[answered:]))
        del self._lines[name]

    def _next(self, line: deque[_Asked]) -> list[_Asked]:
        """Take all who wait, and send away those who have for too long."""
        batch, late = [], self._clock() - self._patience
        while line:
            asked = line.popleft()
            if asked.since < late:
                asked.fail(SourceLost("Too many changes wait in line.", retry_after=1.0))
            elif not asked.answer.done():
                batch.append(asked)
        return batch

    async def _do(self, name: str, batch: Sequence[_Asked]) -> int:
        """Answer at least the first of *batch* and return how many were answered."""
        works = [asked.work for asked in batch]
        try:
            together = partial(_together, works=works, clock=self._clock)
            outcomes = await self._run(name, together if len(works) > 1 else _alone(works[0]))
        except _Apart:
            outcomes = [await self._apart(name, work) for work in works]
        except Exception as error:
            outcomes = [_Outcome(error=error) for _ in works]
        for asked, outcome in zip(batch, outcomes, strict=False):
            asked.settle(outcome)
        return len(outcomes)

    async def _apart(self, name: str, work: Work[Any]) -> _Outcome:
        try:
            return _Outcome(await self._run(name, work))
        except Exception as error:
            return _Outcome(error=error)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a unit of work returned, or raised."""

    value: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A unit of work in line, since when it is, and who waits for its answer."""

    work: Work[Any]
    since: float
    answer: asyncio.Future[Any] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def settle(self, outcome: _Outcome) -> None:
        """Give the answer, unless nobody waits for it any more."""
        if outcome.error is not None:
            self.fail(outcome.error)
        elif not self.answer.done():
            self.answer.set_result(outcome.value)

    def fail(self, error: Exception) -> None:
        """Raise *error* at who waits."""
        if not self.answer.done():
            self.answer.set_exception(error)


class _Apart(Exception):
    """The database refused one of several: which of them are sound is found out one by one."""


def _alone(work: Work[Any]) -> Work[list[_Outcome]]:
    return lambda connection: [_Outcome(work(connection))]


def _together(
    connection: Connection, works: Sequence[Work[Any]], clock: Callable[[], float]
) -> list[_Outcome]:
    """Do as many of *works* as there is time for, the first in any case, and return what became."""
    until = clock() + _TOGETHER_SECONDS
    outcomes: list[_Outcome] = []
    for work in works:
        if outcomes and clock() >= until:
            break
        outcomes.append(_within(connection, work))
    return outcomes


def _within(connection: Connection, work: Work[Any]) -> _Outcome:
    # It is not released: the commit does that, and a round trip less is spent under the locks.
    connection.exec_driver_sql(f"SAVEPOINT {_WORK}")
    try:
        return _Outcome(work(connection))
    except DBAPIError as error:
        if reason_of(error) is not None:
            raise
        raise _Apart from error
    except OSError:
        raise
    except Exception as error:
        connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_WORK}")
        return _Outcome(error=error)
