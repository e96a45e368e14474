"""What holds for the history whatever is changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.model.messages import Change, Contact, ItemId, Snapshot
from pennon.origin.changelog.pruning import Keep, prune
from pennon.origin.changelog_source import ChangelogSource
from pennon.origin.history.datafiles import datafile_at
from pennon.relay.replica import Replica, Verdict
from tests.builders.api import PRODUCTION, Api, a_new_flag, a_shop

SHOP = "shop/production"
Step = Callable[[Api], Coroutine[Any, Any, httpx2.Response]]


@dataclass
class Follower:
    """A node that has followed from the start, and what it held at every version."""

    replica: Replica = field(default_factory=lambda: Replica(SHOP))
    held: dict[int, tuple[int, dict[ItemId, bytes]]] = field(default_factory=dict)

    def take(self, message: Change | Snapshot) -> None:
        """Apply a message, and note what is held after it."""
        take = self.replica.apply if isinstance(message, Change) else self.replica.replace
        assert take(message) is Verdict.APPLIED  # type: ignore[arg-type]  # chosen by its type
        self.held[message.position.version] = (self.replica.digest, dict(self.replica.items))


def _patch(path: str, **body: Any) -> Step:
    return lambda api: api.client.patch(f"/api/v1{path}", json=body)


def _roll_back(path: str, version: int) -> Step:
    return lambda api: api.client.post(
        f"/api/v1{PRODUCTION}/{path}/rollback", json={"version": version}
    )


flags = st.sampled_from(["a", "b"]).map("flags/{}".format)
segments = st.sampled_from(["s", "t"]).map("segments/{}".format)
items = flags | segments
booleans = st.booleans()

steps = st.lists(
    st.one_of(
        st.builds(lambda at, on: _patch(f"{PRODUCTION}/{at}", enabled=on), flags, booleans),
        st.builds(
            lambda at, one: _patch(f"{PRODUCTION}/{at}", requires=[{"flag": one, "is": ["on"]}]),
            flags,
            st.sampled_from(["a", "b"]),
        ),
        st.builds(
            lambda at, one: _patch(f"{PRODUCTION}/{at}", include=[{"keys": [one]}]),
            segments,
            st.sampled_from(["ada", "bob"]),
        ),
        st.builds(lambda at, gone: _patch(f"/projects/shop/{at}", archived=gone), items, booleans),
        st.builds(_roll_back, items, st.integers(1, 30)),
    ),
    max_size=20,
)


@settings(max_examples=25, deadline=None)
@given(taken=steps)
def test_an_environment_can_be_had_as_its_followers_had_it(taken: list[Step]) -> None:
    """At every version, byte for byte and with the same digest, after the changelog is gone."""
    with TemporaryDirectory() as folder:
        asyncio.run(_compare(Path(folder), taken))


async def _compare(folder: Path, taken: list[Step]) -> None:
    async with a_shop(folder) as api, _following(api) as follower:
        for key in ("s", "t"):
            await api.post("/projects/shop/segments", {"key": key})
        for key in ("a", "b"):
            await api.post("/projects/shop/flags", a_new_flag(key))
        for step in taken:
            assert (await step(api)).status_code in (200, 400, 404, 409)
        await follower.catch_up()
        keep = Keep(rows=1)
        await api.origin.database.write(
            partial(prune, environment=SHOP, now=api.clock.now, keep=keep)
        )
        then = {
            version: await api.origin.read(partial(datafile_at, environment=SHOP, version=version))
            for version in follower.node.held
        }

    assert list(follower.node.held) == list(range(len(follower.node.held)))
    for version, (digest, held) in follower.node.held.items():
        assert then[version].items == held
        assert then[version].digest == digest


@dataclass
class _Following:
    node: Follower
    messages: AsyncIterator[Any]

    async def catch_up(self) -> None:
        """Take all that is committed."""
        async for message in self.messages:
            if isinstance(message, Contact):
                return
            if isinstance(message, Change | Snapshot):
                self.node.take(message)


@asynccontextmanager
async def _following(api: Api) -> AsyncIterator[_Following]:
    source = ChangelogSource(api.origin.database, api.origin.bus, api.clock, tick=3600)
    async with aclosing(source.messages({SHOP: None})) as messages:
        following = _Following(Follower(), messages)
        await following.catch_up()
        yield following
