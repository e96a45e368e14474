"""The pump: when it asks, for what, and how long it waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest

from pennon.errors import BadInput, SourceLost
from pennon.model.messages import Contact, Goodbye, Message, Unreadable
from pennon.model.position import ACCESS, Position
from pennon.relay.backoff import Backoff
from pennon.relay.pump import Pump
from pennon.relay.replica import Verdict
from pennon.relay.replicas import Replicas
from tests.builders.relay import (
    SHOP,
    Clock,
    ScriptedSource,
    Step,
    a_change,
    a_heartbeat,
    a_position,
    a_snapshot,
    some_flags,
)

STAGING = "shop/staging"
LOST = SourceLost("the parent closed the stream")
UNREADABLE = BadInput.at("$", "expected JSON")


class Listened(ScriptedSource):
    """A script after which the source stays open, and says that there is nothing left of it."""

    def __init__(self, *attempts: Sequence[Step], slow_to_close: bool = False) -> None:
        super().__init__(*attempts)
        self.quiet, self.closing, self.may_close = (asyncio.Event() for _ in range(3))
        if not slow_to_close:
            self.may_close.set()

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        with suppress(SourceLost):
            async for message in super().messages(positions):
                yield message
        self.quiet.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.closing.set()
            await self.may_close.wait()


class Following:
    """A pump whose clock stands still but for its sleeps, and whose jitter is always half."""

    def __init__(
        self,
        source: ScriptedSource,
        wanted: Callable[[], frozenset[str]],
        is_outdated: Callable[[frozenset[str]], bool] | None = None,
    ) -> None:
        self.source, self.replicas, self.clock = source, Replicas(), Clock()
        self.naps: list[float] = []
        self.heard: list[Message] = []
        self.judged: list[Verdict] = []
        self.pump = Pump(
            source,
            self.replicas,
            wanted,
            backoff=Backoff(lambda: 0.5),
            clock=self.clock,
            sleep=self._sleep,
            heard=self.heard.append,
            judged=lambda message, verdict: self.judged.append(verdict),
            is_outdated=is_outdated,
        )

    async def until_silent(self) -> None:
        """Run until the script is played."""
        task = asyncio.create_task(self.pump.run())
        async with asyncio.timeout(5):
            await self.source.silent.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def _sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.clock.now += seconds
        await asyncio.sleep(0)


async def follow(
    source: ScriptedSource, *wanted: str, prepare: Callable[[Following], None] | None = None
) -> Following:
    """Play *source* to its end for a pump that wants *wanted*, by default one environment."""
    following = Following(source, lambda: frozenset(wanted or (SHOP,)))
    if prepare:
        prepare(following)
    await following.until_silent()
    return following


class TestAsking:
    async def test_from_nothing_then_from_what_it_holds(self) -> None:
        """The first time everything is asked for, then what follows the position held."""
        source = ScriptedSource([a_snapshot(3), a_change(4), LOST])
        await follow(source)

        assert source.asked == [{SHOP: None}, {SHOP: a_position(4)}]

    @pytest.mark.parametrize(
        ("trouble", "asks"),
        [
            (a_change(9), a_position(1)),
            (a_heartbeat(2), a_position(1)),
            (a_heartbeat(1, digest=42), None),
            (UNREADABLE, a_position(1)),
        ],
        ids=["gap", "heartbeat ahead", "drift", "unreadable"],
    )
    async def test_asks_again(self, trouble: Message | Exception, asks: object) -> None:
        """What cannot be taken is asked for again, and what came before is kept."""
        source = ScriptedSource([a_snapshot(1, some_flags(4)), trouble, a_change(2)])
        following = await follow(source)

        assert source.asked[1:] == [{SHOP: asks}]
        assert following.replicas.open(SHOP).items == some_flags(4)

    @pytest.mark.parametrize(
        "message", [a_snapshot(2, some_flags(4)), a_heartbeat(2), a_change(3), Contact()]
    )
    async def test_goes_on(self, message: Message) -> None:
        """A parent that is behind, or says what is known, is listened to further."""
        source = ScriptedSource([a_snapshot(3, some_flags(4)), message, a_change(4)])
        following = await follow(source)

        assert following.replicas.open(SHOP).position == a_position(4)

    async def test_the_source_is_closed(self) -> None:
        """However an attempt ends, its connection is closed before the next."""
        source = ScriptedSource([a_snapshot(1), a_change(9)], [Goodbye()], [LOST], [UNREADABLE])
        await follow(source)

        assert source.closed == 5

    async def test_counts(self) -> None:
        """Attempts, verdicts and what could not be read are counted."""
        following = await follow(ScriptedSource([a_snapshot(1), a_change(9)], [UNREADABLE]))

        assert following.pump.attempts == 3
        assert following.pump.unreadable == 1
        assert following.replicas.taken == {
            ("snapshot", Verdict.APPLIED): 1,
            ("change", Verdict.GAP): 1,
        }

    async def test_a_fault_of_ours(self) -> None:
        """An error that nobody foresaw does not end the following."""
        source = ScriptedSource([RuntimeError("a bug")], [a_snapshot(1)])
        following = await follow(source)

        assert following.replicas.open(SHOP).position == a_position(1)

    async def test_heard(self) -> None:
        """Heard is what was not refused: a parent that makes no sense is no healthy one."""
        good: list[Message] = [a_snapshot(3, some_flags(4)), Contact(), a_heartbeat(2)]
        following = await follow(ScriptedSource([*good, a_snapshot(4)]))

        assert following.heard == good


class TestWanted:
    async def test_a_grant_takes_effect_at_once(self) -> None:
        """What is wanted is asked again after every message; a change needs no waiting."""
        wanted = {SHOP}
        source = ScriptedSource(
            [a_snapshot(1), lambda: wanted.add(STAGING), Contact(), a_change(2)],
            [a_snapshot(7, environment=STAGING)],
        )
        following = Following(source, lambda: frozenset(wanted))
        await following.until_silent()

        assert source.asked[1] == {SHOP: a_position(1), STAGING: None}
        assert following.naps == [pytest.approx(0.25)]

    async def test_forgotten(self) -> None:
        """What is wanted no longer is forgotten, and those who hold the replica can tell."""
        wanted = {SHOP, STAGING}
        source = ScriptedSource(
            [a_snapshot(1), a_snapshot(1, environment=STAGING), lambda: wanted.discard(STAGING)],
            [Contact()],
        )
        following = Following(source, lambda: frozenset(wanted))
        staging = following.replicas.open(STAGING)
        await following.until_silent()

        assert following.replicas.get(STAGING) is None
        assert staging.forgotten
        assert not following.replicas.open(SHOP).forgotten

    async def test_outdated_enough(self) -> None:
        """Where what is wanted may differ for a while, who says so decides when to ask again."""
        wanted, outdated = {SHOP}, False

        def is_outdated(asked: frozenset[str]) -> bool:
            return outdated

        source = ScriptedSource([a_snapshot(1), lambda: wanted.add(STAGING), a_change(2)])
        following = Following(source, lambda: frozenset(wanted), is_outdated)
        await following.until_silent()

        assert following.naps == [pytest.approx(0.25)]
        assert [set(positions) for positions in source.asked] == [{SHOP}, {SHOP, STAGING}]

    async def test_looks_up(self) -> None:
        """A source that says nothing is asked again without waiting, when told to look up."""
        wanted = {SHOP}
        source = Listened([a_snapshot(1)])
        following = Following(source, lambda: frozenset(wanted))
        task = asyncio.create_task(following.pump.run())
        async with asyncio.timeout(5):
            await source.quiet.wait()
            following.pump.look_up()
            await asyncio.sleep(0)
            assert len(source.asked) == 1
            wanted.add(STAGING)
            following.pump.look_up()
            await source.silent.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        assert source.asked[1] == {SHOP: a_position(1), STAGING: None}
        assert source.closed >= 1
        assert following.naps == []

    async def test_looks_up_while_it_closes(self) -> None:
        """To be told to look up again, while the source is still being left, changes nothing."""
        wanted = {SHOP}
        source = Listened([a_snapshot(1)], slow_to_close=True)
        following = Following(source, lambda: frozenset(wanted))
        task = asyncio.create_task(following.pump.run())
        async with asyncio.timeout(5):
            await source.quiet.wait()
            wanted.add(STAGING)
            following.pump.look_up()
            await source.closing.wait()
            following.pump.look_up()
            source.may_close.set()
            await source.silent.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        assert source.asked[1] == {SHOP: a_position(1), STAGING: None}

    async def test_dropped_and_opened_again(self) -> None:
        """What is said of the replica before is let pass: the one after was not asked for yet."""
        following: Following

        def open_again() -> None:
            following.replicas.keep(frozenset())
            following.replicas.open(SHOP)

        source = ScriptedSource([a_snapshot(1), open_again, a_change(2), a_heartbeat(2)])
        following = Following(source, lambda: frozenset({SHOP}))
        await following.until_silent()

        assert following.judged == [Verdict.APPLIED]
        assert source.asked[1] == {SHOP: None}

    async def test_not_ours(self) -> None:
        """What is said of an environment that is not wanted changes nothing."""
        following = await follow(ScriptedSource([a_snapshot(1, environment=STAGING), a_change(1)]))

        assert following.replicas.get(STAGING) is None


class TestRefused:
    REFUSED = SourceLost("the parent answered 403", refused=True)

    async def test_learns_what_it_may_ask_for(self) -> None:
        """A parent that refuses is asked for `$access` alone, and then for what that grants."""
        wanted = {ACCESS, SHOP, STAGING}
        source = ScriptedSource(
            [self.REFUSED],
            [lambda: wanted.discard(STAGING), a_snapshot(2, environment=ACCESS)],
        )
        following = Following(source, lambda: frozenset(wanted))
        await following.until_silent()

        assert [set(positions) for positions in source.asked] == [
            {ACCESS, SHOP, STAGING},
            {ACCESS},
            {ACCESS, SHOP},
        ]

    async def test_nothing_learnt(self) -> None:
        """Where `$access` says nothing new, all is asked for again, later."""
        heartbeat = a_heartbeat(0, environment=ACCESS)
        source = ScriptedSource([self.REFUSED], [heartbeat], [self.REFUSED], [heartbeat])

        def prepare(following: Following) -> None:
            following.replicas.open(ACCESS).replace(a_snapshot(0, environment=ACCESS))
            following.replicas.open(SHOP).replace(a_snapshot(5))

        following = await follow(source, ACCESS, SHOP, prepare=prepare)

        assert [set(asked) for asked in source.asked[:4]] == [{ACCESS, SHOP}, {ACCESS}] * 2
        assert following.naps == pytest.approx([0.25, 0.25, 0.25, 0.375])
        assert following.replicas.open(SHOP).position == a_position(5)

    async def test_only_a_refusal(self) -> None:
        """A parent that is lost or not ready is asked for everything again."""
        source = ScriptedSource([LOST])
        await follow(source, ACCESS, SHOP)

        assert set(source.asked[1]) == {ACCESS, SHOP}


class TestRefusing:
    """An environment that is refused, because it has shrunk or cannot be read."""

    async def test_keeps_what_it_has(self) -> None:
        """A shrunken environment is refused, and so is what is said of it after that."""
        shrunk, more = a_snapshot(2, some_flags(1)), a_change(3)
        source = ScriptedSource([a_snapshot(1, some_flags(4)), shrunk, more, a_heartbeat(3)])
        following = await follow(source)

        assert following.replicas.open(SHOP).items == some_flags(4)
        assert following.heard == [a_snapshot(1, some_flags(4))]
        assert following.replicas.taken["snapshot", Verdict.SHRUNK] == 1

    async def test_holds_no_other_up(self) -> None:
        """The other environments of the stream go on, live."""
        source = ScriptedSource(
            [
                a_snapshot(1, some_flags(4)),
                a_snapshot(1, environment=STAGING),
                a_snapshot(2, some_flags(1)),
                a_change(2, environment=STAGING),
            ]
        )
        following = await follow(source, SHOP, STAGING)

        assert following.replicas.open(STAGING).position == a_position(2)
        assert source.asked[1] == {SHOP: a_position(1), STAGING: a_position(2)}

    @pytest.mark.parametrize("kind", ["change", "snapshot"])
    async def test_unreadable(self, kind: Any) -> None:
        """One that cannot be read holds no other up either, and is counted."""
        poison = Unreadable(environment=SHOP, kind=kind, reason="$: expected JSON")
        source = ScriptedSource(
            [
                *(a_snapshot(1, some_flags(4)), a_snapshot(1, environment=STAGING)),
                *(poison, a_change(2), a_change(2, environment=STAGING)),
            ]
        )
        following = await follow(source, SHOP, STAGING)

        assert following.replicas.open(SHOP).position == a_position(1)
        assert following.replicas.open(STAGING).position == a_position(2)
        assert following.replicas.taken[kind, Verdict.UNREADABLE] == 1
        assert following.pump.unreadable == 0
        assert poison not in following.heard

    async def test_a_change_that_cannot_be_read(self) -> None:
        """It would be sent again for ever: everything is asked for in its place."""
        poison = Unreadable(environment=SHOP, kind="change", reason="$: expected JSON")
        source = ScriptedSource([a_snapshot(1, some_flags(4)), poison], [a_snapshot(2)])
        await follow(source)

        assert [asked[SHOP] for asked in source.asked[:2]] == [None, None]

    async def test_recovers_on_the_same_stream(self) -> None:
        """A good one that follows is taken at once, and the changes after it."""
        good = a_snapshot(3, some_flags(5))
        source = ScriptedSource(
            [a_snapshot(1, some_flags(4)), a_snapshot(2, some_flags(1)), good, a_change(4)]
        )
        following = await follow(source)

        assert following.replicas.open(SHOP).position == a_position(4)

    async def test_each_in_a_row_doubles_the_wait(self) -> None:
        """A parent that has nothing better is not asked all the time."""
        following: Following
        times: list[float] = []

        def pass_time() -> None:
            following.clock.now += 0.5

        def note() -> None:
            times.append(following.clock.now)

        shrunk = a_snapshot(2, some_flags(1))
        wait: list[Step] = [pass_time, Contact()]
        attempt: list[Step] = [note, shrunk, *wait * 70]
        source = ScriptedSource([a_snapshot(1, some_flags(4)), *attempt], *[attempt] * 6)
        following = Following(source, lambda: frozenset({SHOP}))
        await following.until_silent()

        assert [b - a for a, b in pairwise(times)] == [1, 2, 4, 8, 16, 30]

    async def test_judged(self) -> None:
        """Whoever watches is told what became of a message, also of one that was refused."""
        source = ScriptedSource([a_snapshot(1, some_flags(4)), a_snapshot(2, some_flags(1))])
        following = await follow(source)

        assert following.judged == [Verdict.APPLIED, Verdict.SHRUNK]

    @pytest.mark.parametrize(("seconds", "attempts"), [(0.9, 2), (1.0, 3)])
    async def test_asked_for_again(self, seconds: float, attempts: int) -> None:
        """After a while it is asked for again, at once and on the same terms."""
        following: Following

        def pass_time() -> None:
            following.clock.now += seconds

        held, shrunk = a_snapshot(1, some_flags(4)), a_snapshot(2, some_flags(1))
        source = ScriptedSource([held, shrunk, pass_time, Contact()], [Contact()])
        following = Following(source, lambda: frozenset({SHOP}))
        await following.until_silent()

        assert [asked[SHOP] for asked in source.asked[1:]] == [a_position(1)] * 2
        assert len(following.naps) == 4 - attempts


class TestWaiting:
    async def test_grows(self) -> None:
        """Each failure makes the next wait longer, up to half a minute at worst."""
        following = await follow(ScriptedSource(*[[LOST]] * 20))

        assert following.naps[:5] == pytest.approx([0.25, 0.25, 0.25, 0.375, 0.5625])
        assert following.naps[-1] == pytest.approx(15)

    @pytest.mark.parametrize(("seconds", "last"), [(59.0, 0.375), (60.0, 0.25)])
    async def test_resets_after_a_minute(self, seconds: float, last: float) -> None:
        """A connection that lasted a minute resets the back-off; a shorter one does not."""
        following: Following

        def pass_time() -> None:
            following.clock.now += seconds

        source = ScriptedSource([LOST], [LOST], [LOST], [Contact(), pass_time, LOST])
        following = Following(source, lambda: frozenset({SHOP}))
        await following.until_silent()

        assert following.naps == pytest.approx([0.25, 0.25, 0.25, last])

    async def test_retry_after(self) -> None:
        """A parent's wish is obeyed, with jitter on top that spreads its followers."""
        following = await follow(ScriptedSource([SourceLost("full", retry_after=7)], [LOST]))

        assert following.naps == pytest.approx([7.25, 0.25])

    async def test_goodbye(self) -> None:
        """A goodbye ends the attempt; the node comes back when it was told to."""
        source = ScriptedSource([a_snapshot(1), Goodbye(retry_after_ms=1500), a_change(2)])
        following = await follow(source)

        assert following.naps == pytest.approx([1.75])
        assert following.replicas.open(SHOP).position == a_position(1)

    @pytest.mark.parametrize(
        ("asked", "waits"), [(10**12, 3600.25), (-5, 0.25)], ids=["for ever", "negative"]
    )
    async def test_nonsense(self, asked: int, waits: float) -> None:
        """Nobody is sent away for good by one number."""
        following = await follow(ScriptedSource([Goodbye(retry_after_ms=asked)]))

        assert following.naps == pytest.approx([waits])
