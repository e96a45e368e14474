"""A simulation from its start to its result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any, Final

from pennon.simulate import nodes, orders
from pennon.simulate.changes import FOLLOWED, Changes, standing_of
from pennon.simulate.link import Link
from pennon.simulate.packets import PacketLink
from pennon.simulate.processes import FleetProcesses, Hand, deal
from pennon.simulate.report import Result, spreads_of
from pennon.simulate.scenario import Conditions, Region, Scenario
from pennon.simulate.steps import Stage, take

LOOPBACK: Final = "127.0.0.1"
SETTLE_SECONDS: Final = 90.0
"""How long PoPs are given to hold what the origin holds, once nothing disturbs them."""
_POPS_A_PROCESS: Final = 250


async def simulate(
    scenario: Scenario, folder: Path, tell: Callable[[str], None], *, packets: bool = False
) -> Result:
    """
    Run *scenario* with real processes, their files in *folder*.

    All is on loopback; with *packets*, what is behind a link is in a namespace of its own, and
    this process should be in one too. *tell* is called with a sentence whenever something
    happens. Raises PennonError when a part of the simulation itself fails.
    """
    async with AsyncExitStack() as ends:
        return await _Simulation(scenario, folder, tell, ends, packets).run()


class _Simulation:
    def __init__(
        self,
        scenario: Scenario,
        folder: Path,
        tell: Callable[[str], None],
        ends: AsyncExitStack,
        packets: bool,
    ) -> None:
        self._packets = packets
        self._scenario, self._folder, self._tell, self._ends = scenario, folder, tell, ends
        self._random = Random(scenario.seed)
        self._stage = Stage(tell=tell)

    async def run(self) -> Result:
        scenario = self._scenario
        changes, keys = await self._start_origin()
        await self._start_regions(keys["relayKey"])
        pops = self._pops()
        fleet = await self._start_fleet(pops, keys["relayKey"])
        self._tell(f"{len(pops)} PoPs follow; {scenario.seconds:g} s of changes begin.")
        chosen = _Chosen(pops, self._random)
        await asyncio.gather(
            changes.flip(scenario.seconds, scenario.changes_per_second, scenario.flags),
            *(take(step, self._stage, fleet, chosen) for step in scenario.steps),
        )
        self._tell("The changes are over; waiting for every PoP to hold the last one.")
        ended = time.monotonic()
        astray = await _settle(fleet, changes)
        settled = time.monotonic() - ended
        receipt = await changes.receipt(changes.last, 10.0) if changes.last else {"missing": []}
        noted = await fleet.finish()
        notes = [note for one in noted for note in one.pops]
        return Result(
            title=scenario.title,
            seed=scenario.seed,
            pops=len(pops),
            connectors=len(self._stage.connectors),
            changes=changes.made,
            failed_changes=changes.failed,
            received=sum(one.received for one in noted),
            spreads=tuple(
                spreads_of(notes, scenario.regions, frozenset(chosen.disturbed), changes.first)
            ),
            astray=astray,
            missing=tuple(name for name in receipt["missing"] if name in chosen.names),
            settled_seconds=round(settled, 1),
        )

    async def _start_origin(self) -> tuple[Changes, dict[str, Any]]:
        # With packets this is the wildcard of a network that nobody else is in.
        origin = nodes.origin(self._folder, "0.0.0.0" if self._packets else LOOPBACK)
        self._ends.push_async_callback(origin.kill)
        keys = await origin.start()
        self._stage.origin = origin
        changes = Changes(origin.url, keys, self._random)
        self._ends.push_async_callback(changes.aclose)
        await changes.prepare(self._scenario.flags)
        self._tell(f"The origin holds {self._scenario.flags} flags.")
        return changes, keys

    async def _start_regions(self, key: str) -> None:
        """Start the links, and the connectors behind them."""
        for region in self._scenario.regions:
            if self._scenario.needs_link(region):
                link = self._link(region)
                self._ends.push_async_callback(link.stop)
                await link.start()
                self._stage.links[region.name] = link
        for region in self._scenario.regions:
            for number in range(1, region.connectors + 1):
                connector = nodes.connector(
                    region.name,
                    number,
                    [self._way_up(region)],
                    key,
                    self._folder,
                    self._prefix(region.name),
                )
                self._ends.push_async_callback(connector.kill)
                self._stage.connectors[region.name, number] = connector
        await asyncio.gather(*(one.start() for one in self._stage.connectors.values()))

    def _link(self, region: Region) -> Link | PacketLink:
        conditions = region.uplink or Conditions()
        random = Random(f"{self._scenario.seed} {region.name}")
        port = self._stage.origin.port
        if self._packets:
            return PacketLink(len(self._stage.links), port, conditions, random)
        return Link(LOOPBACK, port, conditions, random)

    def _way_up(self, region: Region) -> str:
        """Return the origin's address as it is reached from *region*."""
        link = self._stage.links.get(region.name)
        return link.url if link else self._stage.origin.url

    def _prefix(self, region: str) -> tuple[str, ...]:
        """Return what a process of *region* is started with."""
        link = self._stage.links.get(region)
        return link.prefix if link else ()

    def _pops(self) -> list[orders.Pop]:
        """Return every PoP: each prefers a connector of its region, and knows one elsewhere."""
        pops = []
        for region in self._scenario.regions:
            own = [
                self._stage.connectors[region.name, number].url
                for number in range(1, region.connectors + 1)
            ]
            for number in range(region.pops):
                turn = number % len(own) if own else 0
                parents = (*own[turn:], *own[:turn], *self._elsewhere(region, number))
                pops.append(orders.Pop(f"{region.name}-{number + 1:04}", region.name, parents))
        return pops

    def _elsewhere(self, region: Region, number: int) -> tuple[str, ...]:
        """Return what a PoP falls back to outside its region, as far as it can be reached."""
        if not region.connectors or self._prefix(region.name):
            return (self._way_up(region),)
        others = [
            connector.url
            for (name, _), connector in self._stage.connectors.items()
            if name != region.name and not self._prefix(name)
        ]
        return (others[number % len(others)],) if others else (self._way_up(region),)

    async def _start_fleet(self, pops: list[orders.Pop], key: str) -> FleetProcesses:
        by_side: dict[tuple[str, ...], list[orders.Pop]] = {}
        for pop in pops:
            by_side.setdefault(self._prefix(pop.region), []).append(pop)
        hands = [
            Hand(orders.Fleet(key, FOLLOWED, dealt), prefix)
            for prefix, here in by_side.items()
            for dealt in deal(here, _POPS_A_PROCESS)
        ]
        fleet = FleetProcesses(hands, self._folder / "fleet.log")
        self._ends.push_async_callback(fleet.kill)
        await fleet.start()
        return fleet


class _Chosen:
    """Which PoPs the steps disturb: drawn anew for each step, and noted."""

    def __init__(self, pops: Collection[orders.Pop], random: Random) -> None:
        self._pops, self._random = pops, random
        self.names = {pop.name for pop in pops}
        self.disturbed: set[str] = set()

    def __call__(self, region: str, count: int) -> tuple[str, ...]:
        here = [pop.name for pop in self._pops if pop.region == region]
        drawn = tuple(self._random.sample(here, count))
        self.disturbed.update(drawn)
        return drawn


async def _settle(fleet: FleetProcesses, changes: Changes) -> tuple[str, ...]:
    """Wait until every PoP holds what the origin holds; return those that do not in time."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        truth = standing_of(await changes.truth())
        astray = tuple(
            one.name for one in await fleet.standings() if (one.position, one.digest) != truth
        )
        if not astray or time.monotonic() > end:
            return astray
        await asyncio.sleep(0.25)
