"""Several parents as one source: when each is asked, and what becomes of the streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager

import pytest

from pennon.errors import BadInput, SourceLost
from pennon.model.messages import Contact, Goodbye, Message
from pennon.model.position import Position
from pennon.relay.parents import Parent, Parents
from tests.builders.relay import SHOP, Clock, a_change, a_heartbeat, a_position, a_snapshot

LOST = SourceLost("the parent closed the stream")


class Live:
    """A parent in memory whose streams say what a test says, when it says so."""

    def __init__(self, *, healthy: bool = True) -> None:
        self.healthy = healthy
        self.asked: list[dict[str, Position | None]] = []
        self.open = 0
        self._says: asyncio.Queue[Message | Exception] = asyncio.Queue()

    def says(self, *items: Message | Exception) -> None:
        for item in items:
            self._says.put_nowait(item)

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        self.asked.append(dict(positions))
        self.open += 1
        try:
            while True:
                item = await self._says.get()
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.open -= 1

    async def is_healthy(self) -> bool:
        return self.healthy


class Following:
    """Someone who follows *lives* and notes what they say; time passes only in sleeps."""

    def __init__(self, *lives: Live, settle: float = 3.0) -> None:
        self.clock = Clock()
        self.naps: list[float] = []
        self.parents = Parents(
            [Parent(f"http://{n}.test", live, live.is_healthy) for n, live in enumerate(lives)],
            settle=settle,
            clock=self.clock,
            random=lambda: 0.5,
            sleep=self._sleep,
        )
        self.held: dict[str, Position | None] = {SHOP: None}
        self.heard: list[Message] = []
        self.ended = asyncio.Event()
        self.end: BaseException | None = None

    async def follow(self) -> None:
        """Follow until cancelled, and note how it ended."""
        try:
            await self.run()
        except BaseException as error:
            self.end = error
        self.ended.set()

    async def run(self) -> None:
        async with aclosing(self.parents.messages(self.held)) as messages:
            async for message in messages:
                self.heard.append(message)

    async def _sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.clock.now += seconds
        await asyncio.sleep(0.001)


@asynccontextmanager
async def following(*lives: Live, settle: float = 3.0) -> AsyncIterator[Following]:
    """Follow *lives* for the length of a block."""
    follower = Following(*lives, settle=settle)
    task = asyncio.create_task(follower.follow())
    try:
        yield follower
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    """Return once *holds*."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110  # whatever it is, nobody sets an event for it
            await asyncio.sleep(0)


class TestConnected:
    async def test_from_the_first_word_to_the_last(self) -> None:
        """There is a parent from when it says something until its stream ends."""
        only = Live()
        async with following(only) as follower:
            await until(lambda: only.open == 1)
            before = follower.parents.connected
            only.says(Contact())
            await until(lambda: follower.heard == [Contact()])
            during = follower.parents.connected
            only.says(LOST)
            await until(lambda: not follower.parents.connected)

        assert (before, during) == (False, True)


class TestFailOver:
    @pytest.mark.parametrize("end", [LOST, Goodbye(retry_after_ms=1500)], ids=["lost", "goodbye"])
    async def test_at_once(self, end: Message | Exception) -> None:
        """The next parent is asked without waiting, from what is held by then."""
        first, second = Live(healthy=False), Live()
        async with following(first, second) as follower:
            first.says(a_snapshot(3))
            await until(lambda: len(follower.heard) == 1)
            follower.held[SHOP] = a_position(3)
            first.says(end)
            await until(lambda: second.open == 1)
            second.says(a_change(4))
            await until(lambda: len(follower.heard) == 2)

            assert second.asked == [{SHOP: a_position(3)}]
            assert first.open == 0
            assert (follower.parents.url, follower.parents.moves) == ("http://1.test", 1)

    async def test_alone(self) -> None:
        """A single parent is asked again, after the time that it asked for and some more."""
        only = Live()
        async with following(only) as follower:
            only.says(SourceLost("full", retry_after=7.0))
            await until(lambda: len(only.asked) == 2)

            assert follower.naps == pytest.approx([7.25])
            assert follower.parents.moves == 0

    async def test_refused(self) -> None:
        """A parent that denies an environment may be wrong: the next is asked first."""
        first, second = Live(healthy=False), Live()
        refused = SourceLost("403", retry_after=3600.0, refused=True)
        async with following(first, second) as follower:
            first.says(refused)
            await until(lambda: second.open == 1)
            second.says(refused)
            await until(follower.ended.is_set)

            assert follower.end is refused

    @pytest.mark.parametrize("fault", [BadInput.at("$", "expected JSON"), RuntimeError("a bug")])
    async def test_told(self, fault: Exception) -> None:
        """What cannot be read is told to whoever counts it, and the next is asked after that."""
        first, second = Live(healthy=False), Live()
        async with following(first, second) as follower:
            first.says(fault)
            await until(follower.ended.is_set)
        assert follower.end is fault
        again = asyncio.create_task(follower.run())
        await until(lambda: second.open == 1)
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)

    async def test_no_stream_is_left(self) -> None:
        """However it ends, what was opened is closed."""
        first, second = Live(), Live()
        async with following(first, second):
            first.says(LOST)
            await until(lambda: second.open == 1)

        assert (first.open, second.open) == (0, 0)
        assert asyncio.all_tasks() == {asyncio.current_task()}


@asynccontextmanager
async def failed_over(first: Live, second: Live) -> AsyncIterator[Following]:
    """Follow *second*, which said something, after *first* was lost."""
    async with following(first, second) as follower:
        first.says(LOST)
        await until(lambda: second.open == 1)
        second.says(a_snapshot(1))
        await until(lambda: len(follower.heard) == 1)
        follower.held[SHOP] = a_position(1)
        yield follower


class TestFailBack:
    async def test_made_before_broken(self) -> None:
        """The preferred parent's stream is opened beside the old one, which it then replaces."""
        first, second = Live(), Live()
        async with failed_over(first, second) as follower:
            await until(lambda: first.open == 1)
            second.says(a_change(2))
            await until(lambda: follower.heard[-1] == a_change(2))
            first.says(Contact(), a_heartbeat(1))
            await until(lambda: second.open == 0)
            first.says(a_change(3))
            await until(lambda: follower.heard[-1] == a_change(3))

            assert first.asked[-1] == {SHOP: a_position(1)}
            assert a_heartbeat(1) in follower.heard
            assert (follower.parents.url, follower.parents.moves) == ("http://0.test", 2)

    async def test_not_while_it_is_ill(self) -> None:
        """A parent that is not healthy is looked at, and left alone."""
        first, second = Live(healthy=False), Live()
        async with failed_over(first, second) as follower:
            await until(lambda: len(follower.naps) > 50)

            assert len(first.asked) == 1

    async def test_silent(self) -> None:
        """One that opens a stream and says nothing does not take over."""
        first, second = Live(), Live()
        async with failed_over(first, second) as follower:
            await until(lambda: len(first.asked) == 2)
            first.says(Contact())
            await until(lambda: first.open == 0)
            second.says(a_change(2))
            await until(lambda: follower.heard[-1] == a_change(2))

            assert follower.parents.url == "http://1.test"

    async def test_the_old_one_is_lost_meanwhile(self) -> None:
        """The stream that was to take over does so at once."""
        first, second = Live(), Live()
        async with failed_over(first, second) as follower:
            await until(lambda: first.open == 1)
            second.says(LOST)
            first.says(a_change(2))
            await until(lambda: follower.heard[-1] == a_change(2))

            assert follower.parents.url == "http://0.test"

    async def test_the_new_one_is_lost_meanwhile(self) -> None:
        """A stream that breaks before it has spoken harms nobody."""
        first, second = Live(), Live()
        async with failed_over(first, second) as follower:
            await until(lambda: first.open == 1)
            first.says(BadInput.at("$", "expected JSON"))
            await until(lambda: first.open == 0)
            second.says(a_change(2))
            await until(lambda: follower.heard[-1] == a_change(2))

            assert follower.parents.url == "http://1.test"


class TestOutOfTouch:
    async def test_left(self) -> None:
        """A parent whose stream is open but says nothing is left for one that is healthy."""
        first, second = Live(), Live()
        async with following(first, second, settle=30.0) as follower:
            first.says(a_snapshot(1), Contact())
            await until(lambda: second.open == 1)
            assert follower.clock.now > 75
            second.says(a_heartbeat(1))
            await until(lambda: follower.heard[-1] == a_heartbeat(1))

            assert first.open == 0
            assert follower.parents.url == "http://1.test"
