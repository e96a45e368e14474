"""Several origins that write to one database: what their followers see."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import aclosing
from functools import partial
from pathlib import Path

import pytest

from pennon.model.messages import Change
from pennon.model.position import Position
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import Changelog, positions
from pennon.origin.changelog_source import ChangelogSource
from pennon.origin.db import Database
from tests.builders.api import PRODUCTION, a_new_flag, a_shop
from tests.builders.databases import a_database_url
from tests.builders.origin import Clock, a_flag, add_environment, publish

NAMES = ("shop/production", "shop/staging")
WRITERS = 10
CHANGES = 10


async def write(url: str, writer: int) -> None:
    """Publish from an origin of its own, to one environment after the other."""
    async with Database.open(url) as database:
        changelog = Changelog(database, MemoryBus(), Clock())
        for number in range(CHANGES):
            await publish(changelog, NAMES[(writer + number) % 2], a_flag(f"{writer}-{number}"))


class TestWriters:
    async def test_are_followed_without_a_gap(self, tmp_path: Path) -> None:
        """Whatever the order of their commits, versions come dense and in order."""
        url = a_database_url(tmp_path)
        seen = defaultdict[str, list[int]](list)
        async with Database.open(url) as database:
            for name in NAMES:
                await database.write(partial(add_environment, name=name))
            epoch = (await database.read(positions))[NAMES[0]].position.epoch
            source = ChangelogSource(database, MemoryBus(), Clock(), tick=0.001)
            start: dict[str, Position | None] = dict.fromkeys(NAMES, Position(epoch, 0))
            writing = asyncio.gather(*(write(url, number) for number in range(WRITERS)))
            async with aclosing(source.messages(start)) as messages:
                async for message in messages:
                    if isinstance(message, Change):
                        seen[message.environment].append(message.position.version)
                    if sum(map(len, seen.values())) == WRITERS * CHANGES:
                        break
            await writing

        assert seen == {name: list(range(1, WRITERS * CHANGES // 2 + 1)) for name in NAMES}

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/projects", {"key": "blog"}),
            ("/projects/shop/environments", {"key": "live"}),
            ("/projects/shop/flags", a_new_flag("checkout")),
        ],
    )
    async def test_one_creates_what_all_want_to(
        self, tmp_path: Path, path: str, body: dict[str, str]
    ) -> None:
        """The others are told that it is there; none is told of a failure."""
        async with a_shop(tmp_path) as api:
            answers = await asyncio.gather(
                *(api.client.post(f"/api/v1{path}", json=body) for _ in range(8))
            )

        assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]

    async def test_who_hold_what_the_other_wants_both_go_on(self, tmp_path: Path) -> None:
        """Locks are taken in one order; where something else gets in the way, it is run again."""
        async with a_shop(tmp_path, *map(a_new_flag, "abcd")) as api:
            answers = await asyncio.gather(
                *(
                    api.client.patch(f"/api/v1{path}", json=body)
                    for flag in "abcd"
                    for path, body in (
                        (f"{PRODUCTION}/flags/{flag}", {"enabled": True}),
                        (f"/projects/shop/flags/{flag}", {"name": "New"}),
                        ("/projects/shop", {"name": flag}),
                        (PRODUCTION, {"name": flag}),
                    )
                )
            )

        assert {answer.status_code for answer in answers} == {200}
