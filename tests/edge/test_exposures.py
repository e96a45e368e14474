"""Which answers an edge tells of as exposures, and of whom."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.edge.collector import Collector
from pennon.edge.exposures import MANY, MOST_WAITING, Exposures
from pennon.edge.ofrep import FLAGS_PATH
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.events import LONGEST_KEY, Exposure
from pennon.model.flag import Flag, Rule, Serve, Track, WeightedVariation
from pennon.relay.backlog import MemoryBacklog
from pennon.relay.backoff import Backoff
from pennon.relay.exposed import Exposed
from pennon.relay.postbox import Postbox
from tests.builders.edge import CLIENT, AnEdge, flags_of
from tests.builders.events import Taken
from tests.builders.flags import a_flag
from tests.builders.origin import NOON, Clock
from tests.builders.relay import SHOP

ADA = {"targetingKey": "ada"}


def an_experiment(kind: str = "user", *, untracked: bool = False) -> Serve:
    """Return a split that is an experiment and serves everybody `on`."""
    served = WeightedVariation(variation="on", weight=100_000, untracked=untracked)
    return Serve(split=(served,), kind=kind, experiment="checkout-2026")


def a_tracked_flag(key: str = "f", track: Track = "experiments", **fields: Any) -> Flag:
    return a_flag(key, **{"default": an_experiment(), "track": track, "version": 7, **fields})


async def exposures(*flags: Flag, times: int = 1, context: object = ADA) -> list[Exposure]:
    """Return what an edge tells that is asked for the flag `f`."""
    taken = Taken()
    postbox = Postbox(MemoryBacklog(), taken, Backoff(lambda: 0.0))
    collector = Collector("edge-1", postbox, Clock(), every=3600.0)
    edge = AnEdge(*flags, counter=collector)
    async with collector.running():
        for _ in range(times):
            assert (await edge.one("f", context)).status in (200, 400)
    return [one for batch in taken.once for some in batch.exposures.values() for one in some]


class TestExposures:
    async def test_told(self) -> None:
        """It says who was served what of which flag, when, and as of which version."""
        (told,) = await exposures(a_tracked_flag())

        assert (told.at, told.flag, told.version, told.variation) == (NOON, "f", 7, "on")
        assert (told.unit.kind, told.unit.key, told.rule) == ("user", "ada", None)

    async def test_once(self) -> None:
        """Whoever asks again is told of once."""
        assert len(await exposures(a_tracked_flag(), times=3)) == 1

    async def test_by_rule(self) -> None:
        """It is by the rule that served, and of the kind that its split dealt by."""
        rule = Rule(id="r1", serve=an_experiment("organization"))
        context = {"kind": "multi", "user": {"key": "ada"}, "organization": {"key": "acme"}}
        (told,) = await exposures(a_tracked_flag(rules=(rule,)), context=context)

        assert (told.rule, told.unit.kind, told.unit.key) == ("r1", "organization", "acme")

    @pytest.mark.parametrize(
        "flag",
        [
            a_tracked_flag(track="none"),
            a_tracked_flag(default=Serve(variation="on")),
            a_tracked_flag(default=an_experiment(untracked=True)),
            a_tracked_flag(enabled=False),
            a_tracked_flag(enabled=False, off=None, track="all"),
        ],
        ids=["none", "no experiment", "untracked", "off", "no value"],
    )
    async def test_not_told(self, flag: Flag) -> None:
        """What is no experiment, or not tracked, is not told of; nor what serves nothing."""
        assert await exposures(flag) == []

    async def test_all(self) -> None:
        """Where all is tracked, whatever is served is told of."""
        (told,) = await exposures(a_tracked_flag(track="all", default=Serve(variation="off")))

        assert (told.variation, told.unit.kind) == ("off", "user")

    @pytest.mark.parametrize("key", ["x" * (LONGEST_KEY + 1), "a\0b", "", [], 7, None])
    async def test_keys_that_cannot_be_told(self, key: object) -> None:
        """A key that no database holds is served, and not told of."""
        assert await exposures(a_tracked_flag(), context={"targetingKey": key}) == []

    async def test_bulk(self) -> None:
        """To evaluate all flags is to use none: the answer says which of them to tell of."""
        taken = Taken()
        postbox = Postbox(MemoryBacklog(), taken, Backoff(lambda: 0.0))
        collector = Collector("edge-1", postbox, Clock(), every=3600.0)
        rule = Rule(id="r1", serve=an_experiment())
        edge = AnEdge(a_tracked_flag(rules=(rule,)), a_flag("g"), counter=collector)
        async with collector.running():
            answer = flags_of(await edge.all(ADA))

        assert answer["f"]["metadata"]["pennon.track"] is True
        assert answer["f"]["metadata"]["pennon.ruleId"] == "r1"
        assert "pennon.track" not in answer["g"]["metadata"]
        assert not any(batch.exposures for batch in taken.batches)

    async def test_invisible(self) -> None:
        """A flag that the key may not see exposes nobody."""
        taken = Taken()
        postbox = Postbox(MemoryBacklog(), taken, Backoff(lambda: 0.0))
        collector = Collector("edge-1", postbox, Clock(), every=3600.0)
        edge = AnEdge(a_tracked_flag(), counter=collector)
        async with collector.running():
            await edge.post(f"{FLAGS_PATH}/f", {"context": ADA}, key=CLIENT)

        assert taken.batches == []


class TestRoom:
    def see(self, exposures: Exposures, *numbers: int) -> None:
        flag = a_tracked_flag()
        answer = Detail(
            flag="f", variation="on", reason="FALLTHROUGH", split=True, in_experiment=True
        )
        for number in numbers:
            exposures.see(SHOP, flag, answer, Context({"user": {"key": str(number)}}))

    def test_many(self) -> None:
        """When many wait they are not let wait any longer."""
        made = Exposures(Exposed(60.0, 0.0), Clock())
        self.see(made, *range(MANY - 1))
        assert not made.many.is_set()
        self.see(made, MANY)

        assert made.many.is_set()
        assert sum(map(len, made.take().values())) == MANY
        assert not made.many.is_set()

    def test_no_room(self) -> None:
        """Beyond the bound they are counted as lost, and told of when they come again."""
        made = Exposures(Exposed(60.0, 0.0), Clock())
        self.see(made, *range(MOST_WAITING + 3))
        assert made.lost == 3
        held = made.take()
        self.see(made, MOST_WAITING + 1)
        again = made.take()
        made.put_back(held)
        made.put_back(again)

        assert (sum(map(len, again.values())), made.lost) == (1, 4)
