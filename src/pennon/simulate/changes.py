"""The changes of a simulation: flags created and flipped over the management API."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any, Final

import httpx2

from pennon.errors import PennonError
from pennon.model.codec import decode_snapshot, format_digest
from pennon.model.messages import Snapshot

PROJECT: Final = "simulation"
ENVIRONMENT: Final = "production"
FOLLOWED: Final = f"{PROJECT}/{ENVIRONMENT}"
_FLAGS: Final = f"/api/v1/projects/{PROJECT}/environments/{ENVIRONMENT}/flags"


class OriginRefused(PennonError):
    """The origin did not do what the simulation rests on."""


class Changes:
    """Speaks to the origin at *url* as an administrator, and counts what it changed."""

    def __init__(self, url: str, keys: dict[str, Any], random: Random) -> None:
        headers = {"Authorization": f"Bearer {keys['adminToken']}"}
        self._client = httpx2.AsyncClient(base_url=url, headers=headers, timeout=30.0)
        self._relay = {"Authorization": f"Bearer {keys['relayKey']}"}
        self._random = random
        self._on: set[str] = set()
        self.made = 0
        self.failed = 0
        """Changes that the origin did not answer, as while it was down."""
        self.first = self.last = 0
        """The first and the last version that the changes made."""

    async def prepare(self, flags: int) -> None:
        """Create the project with its environment, and *flags* flags."""
        await self._post("/api/v1/projects", {"key": PROJECT, "name": "Simulation"})
        await self._post(
            f"/api/v1/projects/{PROJECT}/environments",
            {"key": ENVIRONMENT, "name": "Production"},
        )
        for number in range(flags):
            await self._post(
                f"/api/v1/projects/{PROJECT}/flags", {"key": _flag(number), "type": "boolean"}
            )

    async def flip(self, seconds: float, rate: float, flags: int) -> None:
        """Flip a flag *rate* times a second for *seconds*, at uneven moments."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (now := loop.time()) < end:
            pause = self._random.expovariate(rate)
            await asyncio.sleep(min(pause, end - now))
            if loop.time() < end:
                await self._flip_one(_flag(self._random.randrange(flags)))

    async def truth(self) -> Snapshot:
        """Return what the origin holds."""
        answer = await self._client.get(
            "/sync/v1/datafile", params={"environment": FOLLOWED}, headers=self._relay
        )
        _check(answer)
        return decode_snapshot(answer.content)

    async def receipt(self, version: int, wait: float) -> dict[str, Any]:
        """Return where *version* has arrived, after at most *wait* seconds for all to have it."""
        answer = await self._client.get(
            f"/api/v1/projects/{PROJECT}/environments/{ENVIRONMENT}/versions/{version}/propagation",
            params={"wait": wait},
            timeout=wait + 30.0,
        )
        _check(answer)
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _flip_one(self, flag: str) -> None:
        try:
            kind = "turnOff" if flag in self._on else "turnOn"
            answer = await self._client.post(
                f"{_FLAGS}/{flag}/instructions", json={"instructions": [{"kind": kind}]}
            )
        except httpx2.HTTPError:
            self.failed += 1
            return
        if answer.status_code != 200:
            self.failed += 1
            return
        self._on ^= {flag}
        version = answer.json()["version"]
        if version > self.last:  # else a change that was not answered had been made after all
            self.made += 1
            self.first, self.last = self.first or version, version

    async def _post(self, path: str, body: object) -> None:
        _check(await self._client.post(path, json=body))


def standing_of(snapshot: Snapshot) -> tuple[str, str]:
    """Return a snapshot's position and digest as a PoP tells its own."""
    return str(snapshot.position), format_digest(snapshot.digest)


def _flag(number: int) -> str:
    return f"flag-{number:04}"


def _check(answer: httpx2.Response) -> None:
    if answer.status_code >= 400:
        raise OriginRefused(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
