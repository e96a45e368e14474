"""What a step of a scenario does to a running simulation, and how it is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from pennon.simulate import orders
from pennon.simulate.link import Link
from pennon.simulate.nodes import NodeProcess
from pennon.simulate.packets import PacketLink
from pennon.simulate.processes import FleetProcesses
from pennon.simulate.scenario import (
    Cut,
    Impair,
    KillConnector,
    KillOrigin,
    Partition,
    Restart,
    Slow,
    Step,
)

Choose = Callable[[str, int], tuple[str, ...]]
"""Draws so many PoPs of a region."""


@dataclass
class Stage:
    """What a step can take hold of."""

    tell: Callable[[str], None]
    origin: NodeProcess = field(init=False)
    links: dict[str, Link | PacketLink] = field(default_factory=dict)
    connectors: dict[tuple[str, int], NodeProcess] = field(default_factory=dict)


async def take(step: Step, stage: Stage, fleet: FleetProcesses, choose: Choose) -> None:
    """Wait for the step's time, disturb, and end the disturbance when its time is over."""
    await asyncio.sleep(step.at)
    match step:
        case Partition(region=region, seconds=seconds):
            stage.tell(f"{step.at:g} s: {region} is partitioned for {seconds:g} s.")
            stage.links[region].partition(True)
            await asyncio.sleep(seconds)
            stage.links[region].partition(False)
        case Cut(region=region, seconds=seconds):
            stage.tell(f"{step.at:g} s: {region} is cut off for {seconds:g} s.")
            stage.links[region].cut(True)
            await asyncio.sleep(seconds)
            stage.links[region].cut(False)
        case Impair(region=region, seconds=seconds, conditions=conditions):
            stage.tell(f"{step.at:g} s: the link of {region} gets worse for {seconds:g} s.")
            link = stage.links[region]
            before, link.conditions = link.conditions, conditions
            await asyncio.sleep(seconds)
            link.conditions = before
        case Slow(region=region, pops=pops, seconds=seconds):
            stage.tell(f"{step.at:g} s: {pops} PoPs of {region} read nothing for {seconds:g} s.")
            fleet.order(orders.Slow(choose(region, pops), seconds))
            await asyncio.sleep(seconds)
        case Restart(region=region, pops=pops, cold=cold):
            how = "with nothing" if cold else "from what they held"
            stage.tell(f"{step.at:g} s: {pops} PoPs of {region} restart {how}.")
            fleet.order(orders.Restart(choose(region, pops), cold))
        case KillConnector(region=region, connector=number, seconds=seconds):
            await _kill(stage, stage.connectors[region, number], step.at, seconds)
        case KillOrigin(seconds=seconds):
            await _kill(stage, stage.origin, step.at, seconds)


async def _kill(stage: Stage, node: NodeProcess, at: float, seconds: float) -> None:
    stage.tell(f"{at:g} s: {node.name} is killed, for {seconds:g} s.")
    await node.kill()
    await asyncio.sleep(seconds)
    await node.start()
