"""
Some followers in one process, each with its own socket, replica and clock reading.

Started by the benchmark: ``followers.py URL KEY ENVIRONMENT COUNT``. It prints ``ready`` once all
hold the environment, and after a line on its input one JSON line: for each follower, the versions
that it applied and when (epoch milliseconds, with fractions).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack

import httpx2
import uvloop

from pennon.model.messages import Change, Snapshot
from pennon.relay.follower import Follower
from pennon.relay.replica import Replica
from pennon.relay.upstream import SseUpstream

Times = list[tuple[int, float]]


def a_follower(
    client: httpx2.AsyncClient, url: str, key: str, environment: str
) -> tuple[Follower, Times]:
    """Return a follower of *environment*, and the times that it will note."""
    times: Times = []

    def note(replica: Replica, news: Change | Snapshot) -> None:
        if isinstance(news, Change) and replica.environment == environment:
            times.append((news.position.version, time.time() * 1000))

    follower = Follower(SseUpstream(client, url, key), lambda access: [environment])
    follower.replicas.watch(note)
    return follower, times


async def main(url: str, key: str, environment: str, count: int) -> None:
    """Follow until a line is read, then print what was applied."""
    limits = httpx2.Limits(max_connections=None)
    async with AsyncExitStack() as open_things:
        client = await open_things.enter_async_context(httpx2.AsyncClient(limits=limits))
        pairs = [a_follower(client, url, key, environment) for _ in range(count)]
        for follower, _ in pairs:
            await open_things.enter_async_context(follower)
        await asyncio.gather(*(follower.until_ready() for follower, _ in pairs))
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(json.dumps([times for _, times in pairs]), flush=True)


if __name__ == "__main__":
    parent, relay_key, followed, number = sys.argv[1:]
    uvloop.run(main(parent, relay_key, followed, int(number)))
