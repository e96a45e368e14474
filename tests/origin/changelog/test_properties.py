"""What holds for the changelog whatever is committed."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pennon.model.codec import digest_of
from pennon.model.messages import Change, Contact, ItemId, Snapshot
from pennon.model.position import Position
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import Changelog, changes_after, positions, snapshot
from pennon.origin.changelog_source import ChangelogSource
from pennon.origin.database_address import Backend
from tests.builders.origin import Clock, a_changelog, a_flag, publish, withdraw

SHOP = "shop/production"
KEYS = st.sampled_from("abcd")

# `backend` says which kind of database the builders make; each example has one of its own.
ON_ONE_BACKEND = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Step = tuple[Literal["publish", "withdraw"], str, bool]
steps = st.lists(
    st.tuples(st.sampled_from(["publish", "withdraw"]), KEYS, st.booleans()), max_size=15
)


@ON_ONE_BACKEND
@given(before=steps, after=steps)
def test_a_follower_ends_with_what_is_published(
    backend: Backend, before: list[Step], after: list[Step]
) -> None:
    """From a snapshot at any moment, changes alone lead to the same items and digest."""
    with TemporaryDirectory() as folder:
        asyncio.run(_follow(Path(folder), before, after))


@ON_ONE_BACKEND
@given(taken=steps)
def test_versions_are_dense(backend: Backend, taken: list[Step]) -> None:
    """As many versions as changes, none left out, whatever was published twice."""
    with TemporaryDirectory() as folder:
        asyncio.run(_count(Path(folder), taken))


async def _follow(folder: Path, before: list[Step], after: list[Step]) -> None:
    bus = MemoryBus()
    async with a_changelog(folder, SHOP, bus=bus) as (database, changelog):
        for step in before:
            await _take(changelog, step)
        items: dict[ItemId, bytes] = {}
        messages = ChangelogSource(database, bus, Clock(), tick=3600).messages({SHOP: None})
        async for message in messages:
            if isinstance(message, Contact):
                break
            if isinstance(message, Snapshot):
                items = dict(message.items)
        for step in after:
            await _take(changelog, step)
        await bus.notify([SHOP])
        async for message in messages:
            assert not isinstance(message, Snapshot)
            if isinstance(message, Contact):
                break
            if isinstance(message, Change):
                _apply(items, message)
        await messages.aclose()
        whole = await database.read(partial(snapshot, environment=SHOP))
        state = (await database.read(positions))[SHOP]

    assert items == whole.items
    assert state.digest == digest_of(items)


async def _count(folder: Path, taken: list[Step]) -> None:
    async with a_changelog(folder, SHOP) as (database, changelog):
        for step in taken:
            await _take(changelog, step)
        here = (await database.read(positions))[SHOP].position
        start = Position(here.epoch, 0)
        changes = await database.read(
            partial(changes_after, environment=SHOP, position=start, limit=1000)
        )

    versions = [change.position.version for change in changes or ()]
    assert versions == list(range(1, here.version + 1))


async def _take(changelog: Changelog, step: Step) -> None:
    kind, key, enabled = step
    if kind == "publish":
        await publish(changelog, SHOP, a_flag(key, enabled=enabled))
    else:
        await withdraw(changelog, SHOP, key)


def _apply(items: dict[ItemId, bytes], change: Change) -> None:
    if change.item is None:
        del items[change.kind, change.key]
    else:
        items[change.kind, change.key] = change.item
