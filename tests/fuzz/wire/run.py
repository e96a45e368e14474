"""Sends mutated requests to a node and finds what is wrong with what comes of them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fuzz.chance import Chance
from tests.fuzz.wire.case import Case
from tests.fuzz.wire.client import Heard, send
from tests.fuzz.wire.crowd import crowded
from tests.fuzz.wire.disguises import harmless
from tests.fuzz.wire.faults import faulty, noise, pipelined, truncated
from tests.fuzz.wire.requests import Sent, good_one, requests
from tests.fuzz.wire.smuggling import ambiguous

AT_ONCE: Final = 24
"""How many clients there are."""
_MOST_FOUND: Final = 50


@dataclass
class Tally:
    """What was sent, what came back, and what was wrong with it."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    wrong: list[str] = field(default_factory=list)


class Fuzz:
    """
    Mutates the requests that *keys* allow, by *seed*, and sends them to the node on *port*.

    A node that is *ours* alone reads HTTP itself; one under uvicorn leaves that to it, so that
    what uvicorn lets pass is not held against it.
    """

    def __init__(
        self, port: int, keys: Mapping[str, Any], stream: str, seed: int, *, ours: bool = True
    ) -> None:
        self._port, self._seed, self._ours = port, seed, ours
        self._good = good_one(keys)
        self._requests = requests(keys, stream)
        self.tally = Tally()

    async def run(self, first: int, count: int) -> None:
        """Send cases *first* to *first* + *count*, each followed by a good request."""
        numbers = iter(range(first, first + count))

        async def client() -> None:
            for number in numbers:
                if len(self.tally.wrong) < _MOST_FOUND:
                    await self._one(number)

        async with asyncio.TaskGroup() as clients:
            for _ in range(AT_ONCE):
                clients.create_task(client())

    async def crowd(self, count: int) -> None:
        """Ask in the midst of clients that are half way through, *count* of each kind."""
        self.tally.wrong += await crowded(self._port, self._good, count)

    def case(self, number: int) -> tuple[Case, Sent]:
        """Return case *number*, the same for the same seed, and what it was made from."""
        chance = Chance(f"{self._seed}:{number}")
        sent = chance.one(self._requests)
        share = chance.number(1, 100)
        if share <= 40:
            return faulty(chance, sent), sent
        if share <= 60:
            return harmless(chance, sent), sent
        if share <= 75:
            return ambiguous(chance, sent, self._good), sent
        if share <= 87:
            return truncated(chance, sent), sent
        if share <= 96:
            return pipelined(chance, self._requests), sent
        return noise(chance, sent), sent

    async def _one(self, number: int) -> None:
        case, sent = self.case(number)
        if not self._ours and case.end == "waits":
            return
        heard = await send(self._port, case)
        tally = self.tally
        tally.sent += 1
        tally.statuses.update(heard.statuses)
        tally.unanswered += not heard.statuses
        faults = list(_faults(case, heard, ours=self._ours))
        if case.harmless and not faults:
            faults += await self._alike(sent, heard)
        faults += await self._is_well()
        tally.wrong += [f"case {number}, {case.name}: {fault}" for fault in faults]

    async def _alike(self, sent: Sent, heard: Heard) -> list[str]:
        """Return what differs from the answer to the request as it is."""
        plain = await send(self._port, Case("plain", (sent.encode(),), end="reads"))
        if plain.is_stream:
            return [] if heard.is_stream else ["no stream"]
        mine, its = heard.final, plain.final
        if mine is None or its is None:
            return [f"no answer: {heard.data[:200]!r}"]
        if mine[0] != its[0]:
            return [f"answered {mine[0]}, and {its[0]} as it is"]
        return []

    async def _is_well(self) -> list[str]:
        """Return what is wrong with the answer to a good request on a new connection."""
        heard = await send(self._port, Case("good", (self._good.encode(),), end="reads"))
        answer = heard.final
        if answer is None or answer[0] != 200 or json.loads(answer[1])["key"] != "new-checkout":
            return [f"a good request after it got {heard.data[:200]!r}"]
        return []


def _faults(case: Case, heard: Heard, *, ours: bool) -> Sequence[str]:
    # 505 is the answer to another version of HTTP, and 503 says when to come back.
    failed = {status for status in heard.statuses if status >= 500 and status != 505}
    if b"retry-after" in heard.data:
        failed.discard(503)
    faults = [f"answered {status}: {heard.data[:300]!r}" for status in failed]
    if heard.hung:
        faults.append("neither an answer nor an end")
    answers = [status for status in heard.statuses if status != 100]
    if case.answers is not None and len(answers) > case.answers and ours:
        faults.append(f"{len(answers)} answers: {heard.data[:300]!r}")
    if case.ambiguous and ours and any(status < 400 for status in answers):
        faults.append(f"was understood: {answers}")
    return faults
