"""Requests for environments that are not in memory."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pennon.edge.bootstrap import BOOTSTRAP_PATH
from pennon.edge.client_stream.streams import CLIENT_STREAM_PATH
from pennon.edge.footprint import compiled
from pennon.edge.ofrep import FLAGS_PATH
from pennon.kv.base import MemoryKv
from pennon.kv.datafiles import Datafiles
from pennon.model.codec import encode_item
from pennon.model.position import ACCESS
from pennon.relay.working_set import Holding
from tests.builders.edge import ALL, RELAY, SERVER, STAGING, TWO, AnEdge, address_in, flags_of
from tests.builders.flags import a_flag
from tests.builders.relay import SHOP, a_position, a_snapshot
from tests.builders.web import ask, streaming

LATER = "shop/later"
NAMING_LATER = {"x-pennon-environment": LATER}


async def an_edge(
    *on_disk: str, budget: int = 1_000_000, pinned: Sequence[str] = (SHOP,)
) -> AnEdge:
    """Return an edge that holds the shop, and has the other environments on its disk alone."""
    store = Datafiles(MemoryKv())
    items = {("flag", "f"): encode_item(a_flag())}
    for name in on_disk:
        await store.save(a_snapshot(3, items, environment=name))  # type: ignore[arg-type]
    edge = AnEdge(
        a_flag(),
        environments=(SHOP, STAGING, LATER),
        store=store,
        holding=Holding(budget=budget, pinned=pinned, weigh=compiled),
    )
    assert edge.follower.on_demand is not None
    working_set = edge.follower.on_demand.working_set
    working_set.admit(SHOP)
    working_set.weigh(SHOP, edge.replicas.open(SHOP).memory)
    return edge


class TestAsked:
    async def test_on_disk(self) -> None:
        """A request waits for what is on disk, and is answered; that it may be old is said."""
        edge = await an_edge(STAGING)
        answer = await edge.one("f", key=TWO, **{"x-pennon-environment": STAGING})

        assert answer.status == 200
        assert answer.headers["x-pennon-version"] == str(a_position(3))
        assert "x-pennon-stale" in answer.headers

    async def test_all_flags(self) -> None:
        """So does one for all flags, and one for a page."""
        edge = await an_edge(STAGING, LATER)
        answer = await edge.all(key=TWO, **{"x-pennon-environment": STAGING})
        page = await edge.post(
            BOOTSTRAP_PATH, {"context": {}}, key=ALL, **{"x-pennon-environment": LATER}
        )

        assert set(flags_of(answer)) == {"f"}
        assert page.status == 200

    async def test_nowhere(self) -> None:
        """What is not had soon is answered 503, with a time to come back."""
        edge = await an_edge()
        answer = await edge.one("f", key=ALL, **{"x-pennon-environment": LATER})

        assert answer.status == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["errorCode"] == "GENERAL"

    async def test_no_room(self) -> None:
        """Where there is no room, it is so at once."""
        edge = await an_edge(STAGING, LATER, budget=1)
        await edge.all(key=ALL, **{"x-pennon-environment": STAGING})
        answer = await edge.one("f", key=ALL, **{"x-pennon-environment": LATER})

        assert answer.status == 503
        assert 1 <= int(answer.headers["retry-after"]) <= 5

    @pytest.mark.parametrize(
        ("key", "environment", "status"), [(SERVER, STAGING, 403), (ALL, "shop/nowhere", 404)]
    )
    async def test_not_to_be_had(self, key: str, environment: str, status: int) -> None:
        """What a key does not open, or what does not exist, is opened for nobody."""
        edge = await an_edge(STAGING)
        answer = await edge.one("f", key=key, **{"x-pennon-environment": environment})

        assert answer.status == status
        assert edge.follower.on_demand is not None
        assert set(edge.follower.on_demand.working_set) == {SHOP}

    async def test_is_not_idle(self) -> None:
        """Each request keeps its environment from being the next to go."""
        edge = await an_edge(STAGING, LATER)
        assert edge.follower.on_demand is not None
        working_set = edge.follower.on_demand.working_set
        for name in (STAGING, LATER):
            await edge.all(key=ALL, **{"x-pennon-environment": name})
        edge.clock.now += 60
        await edge.all(key=ALL, **{"x-pennon-environment": STAGING})
        working_set.budget = 2 * edge.replicas.open(SHOP).memory
        working_set.trim()

        assert set(working_set) == {SHOP, STAGING}


class TestFollowed:
    async def test_by_a_node(self) -> None:
        """A node that follows has an environment opened, and it stays for as long as it does."""
        edge = await an_edge(STAGING)
        async with edge.stream(STAGING, key=RELAY) as events:
            await events.message()

            assert edge.replicas.in_use(STAGING)
        await edge.settle()
        assert not edge.replicas.in_use(STAGING)


def drop(edge: AnEdge, environment: str) -> None:
    """Have *edge* hold the shop alone."""
    assert edge.follower.on_demand is not None
    edge.follower.on_demand.working_set.withdraw(environment)
    edge.replicas.keep(frozenset({ACCESS, SHOP}))


class TestStreams:
    @pytest.mark.parametrize("path", [FLAGS_PATH, CLIENT_STREAM_PATH])
    async def test_address(self, path: str) -> None:
        """The address of a stream opens what is on disk: a browser asks for it but once."""
        edge = await an_edge(STAGING)
        answer = await edge.post(path, {}, key=TWO, **{"x-pennon-environment": STAGING})
        address = answer.json()["url"] if path == CLIENT_STREAM_PATH else address_in(answer)
        drop(edge, STAGING)

        assert (await ask(edge.app, "HEAD", address)).status == 200

    async def test_nowhere(self) -> None:
        """What is not had soon is answered 503, as to any other request."""
        edge = await an_edge(STAGING)
        address = address_in(await edge.all(key=TWO, **{"x-pennon-environment": STAGING}))
        other = await an_edge()

        assert (await ask(other.app, "HEAD", address)).status == 503

    async def test_no_room_to_follow(self) -> None:
        """What cannot stay for who would follow it is answered, and names no stream."""
        edge = await an_edge(STAGING, LATER, budget=1)
        stream = address_in(await edge.all(key=ALL, **{"x-pennon-environment": STAGING}))
        late = address_in(await (await an_edge(LATER)).all(key=ALL, **NAMING_LATER))
        async with streaming(edge.app, stream, headers={}):
            edge.clock.now += 60.0
            answer = await edge.all(key=ALL, **NAMING_LATER)
            refused = [
                await edge.get(late),
                await edge.post(CLIENT_STREAM_PATH, {}, key=ALL, **NAMING_LATER),
            ]

        assert set(flags_of(answer)) == {"f"}
        assert "eventStreams" not in answer.json()
        assert [one.status for one in refused] == [503, 503]
        assert [one.headers["retry-after"] for one in refused] == ["15", "15"]


class TestDropped:
    async def test_nothing_is_left(self) -> None:
        """What is dropped has no ruleset, and is opened anew when it is asked for."""
        edge = await an_edge(STAGING)
        await edge.all(key=TWO, **{"x-pennon-environment": STAGING})
        drop(edge, STAGING)
        assert STAGING not in edge.replicas
        answer = await edge.all(key=TWO, **{"x-pennon-environment": STAGING})

        assert answer.status == 200


async def test_metrics() -> None:
    """The budget, what is used of it and what became of openings are told."""
    edge = await an_edge(STAGING)
    await edge.all(key=TWO, **{"x-pennon-environment": STAGING})
    told = (await edge.get("/metrics", key=RELAY)).body.decode()

    assert "pennon_memory_budget_bytes 1e+06" in told
    assert "pennon_memory_environments 2.0" in told
    assert 'pennon_memory_environment_bytes{environment="shop/staging"}' in told
    assert 'pennon_environments_opened_total{outcome="opened",tier="l2"} 1.0' in told
    assert "pennon_environments_dropped_total 0.0" in told
