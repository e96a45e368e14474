"""Which contexts an edge tells of, and what of them."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.edge.collector import Collector
from pennon.edge.ofrep import FLAGS_PATH
from pennon.edge.sampler import AGAIN_MS, EVERY_MS, Sampler, told_of
from pennon.model.context import Context
from pennon.relay.backlog import MemoryBacklog
from pennon.relay.backoff import Backoff
from pennon.relay.postbox import Postbox
from tests.builders.edge import SERVER, AnEdge
from tests.builders.events import Taken
from tests.builders.flags import a_flag
from tests.builders.origin import NOON, Clock
from tests.builders.relay import SHOP

ADA = {"key": "ada", "plan": "pro", "email": "ada@example.com"}


def told(value: dict[str, Any], *private: str, keys: bool = False) -> dict[str, dict[str, Any]]:
    return told_of(Context.of(value), None if keys else private)


class TestWhatIsTold:
    def test_attributes(self) -> None:
        """All but what is private, which never leaves the node."""
        assert told(ADA, "email") == {"user": {"key": "ada", "plan": "pro"}}

    def test_keys(self) -> None:
        """Or the keys alone."""
        assert told(ADA, keys=True) == {"user": {"key": "ada"}}

    def test_own_word(self) -> None:
        """A context may itself say what is private of it."""
        context = {**ADA, "_meta": {"privateAttributes": ["plan", "key"]}}

        assert told(context, "email") == {"user": {"key": "ada"}}

    def test_kinds(self) -> None:
        """Each kind is told of; one without a key is nobody, and is not."""
        context = {"kind": "multi", "user": ADA, "device": {"os": "x"}, "org": {"key": "acme"}}

        assert told(context, "email", "plan") == {"user": {"key": "ada"}, "org": {"key": "acme"}}

    @pytest.mark.parametrize(
        "value",
        ["x" * 5_000, "\ud800", ["y" * 100] * 100],
        ids=["long", "half a character", "many"],
    )
    def test_too_much(self, value: Any) -> None:
        """Of a context that is too large, or cannot be written, the keys alone are told."""
        assert told({**ADA, "more": value}) == {"user": {"key": "ada"}}

    @pytest.mark.parametrize("key", ["", 7, None, "x" * 5_000])
    def test_nobody(self, key: Any) -> None:
        """A context without a fitting key is not told of."""
        assert told({"key": key, "plan": "pro"}) == {}


class TestSampler:
    def test_rate(self) -> None:
        """However much is evaluated, a context every two seconds of each environment is taken."""
        clock = Clock()
        sampler = Sampler(None, clock)
        for number in range(1_000):
            sampler.see(SHOP, Context({"user": {"key": str(number)}}))
            sampler.see("shop/staging", Context({"user": {"key": str(number)}}))
            clock.now += 10
        seen = sampler.take()

        assert {name: len(some) for name, some in seen.items()} == {SHOP: 5, "shop/staging": 5}
        assert [one.at for one in seen[SHOP]] == [NOON + n * EVERY_MS for n in range(5)]
        assert sampler.take() == {}

    def test_nobodies(self) -> None:
        """Contexts without keys neither fill the sample nor keep others out of it for long."""
        clock = Clock()
        sampler = Sampler(None, clock)
        sampler.see(SHOP, Context({"user": {"plan": "pro"}}))
        sampler.see(SHOP, Context({"user": {"key": "early"}}))
        clock.now += AGAIN_MS
        sampler.see(SHOP, Context({"user": {"key": "ada"}}))

        assert [one.kinds for one in sampler.take()[SHOP]] == [{"user": {"key": "ada"}}]

    def test_bounded(self) -> None:
        """While nothing is sent, no more than a batch is kept."""
        clock = Clock()
        sampler = Sampler(None, clock)
        for _ in range(500):
            sampler.see(SHOP, Context({"user": {"key": "ada"}}))
            clock.now += EVERY_MS

        assert len(sampler.take()[SHOP]) == 100


class TestCollector:
    """What goes up of whom OFREP serves."""

    async def ask(self, sampler: Sampler | None) -> Taken:
        taken = Taken()
        postbox = Postbox(MemoryBacklog(), taken, Backoff(lambda: 0.0))
        collector = Collector("edge-1", postbox, Clock(), every=3600.0, sampler=sampler)
        edge = AnEdge(a_flag("f"), counter=collector)
        body = {"context": {"targetingKey": "ada", "plan": "pro"}}
        async with collector.running():
            for path in (f"{FLAGS_PATH}/f", FLAGS_PATH):
                await edge.post(path, body, key=SERVER)
        return taken

    async def test_by_default_nobody_is_told_of(self) -> None:
        """Without a sampler no context leaves the node."""
        taken = await self.ask(None)

        assert [batch.contexts for batch in taken.batches] == [{}]

    async def test_sampled(self) -> None:
        """With one, contexts go up beside the counts."""
        taken = await self.ask(Sampler((), Clock()))
        (seen,) = taken.batches[-1].contexts[SHOP]

        assert (seen.at, seen.kinds) == (NOON, {"user": {"key": "ada", "plan": "pro"}})
