"""
A flag that counts: each writer has a rule of its own whose name is a number, and all share one.

Whoever writes over another's change takes a number back, and whoever loses one leaves it out: so
in the line of versions exactly one number may grow, by one, each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx2

from pennon.model.codec import decode_flag

SHARED: Final = "shared"
"""The number that all writers share; it stands in the flag's definition."""

KEYS: Final = ("production", "staging")
ENVIRONMENTS: Final = tuple(f"drill/{key}" for key in KEYS)

_PROJECT: Final = "/api/v1/projects/drill"
_DEFINITION: Final = f"{_PROJECT}/flags/counter"

Counts = dict[str, int]


async def set_up(client: httpx2.AsyncClient, writers: int) -> None:
    """Create the project, its environments and the flag, with every number at 0."""
    await _done(client, "/api/v1/projects", {"key": "drill"})
    for key in KEYS:
        await _done(client, f"{_PROJECT}/environments", {"key": key})
    flag = {"key": "counter", "type": "boolean", "metadata": {SHARED: 0}}
    await _done(client, f"{_PROJECT}/flags", flag)
    rules = [
        {"id": _rule(number), "name": "0", "serve": {"variation": "on"}}
        for number in range(writers)
    ]
    for environment in KEYS:
        added = [{"kind": "addRule", "rule": rule} for rule in rules]
        await _done(client, _instructions_path(environment), {"instructions": added})


class Writer:
    """One writer, who changes its own number in one environment and the shared one in all."""

    def __init__(self, client: httpx2.AsyncClient, number: int, done: int = 0) -> None:
        self.rule = _rule(number)
        self.environment = ENVIRONMENTS[number % len(ENVIRONMENTS)]
        self.done = done
        self.shared = 0
        self.conflicts = 0
        self.busy = 0
        self._client = client
        self._path = _instructions_path(KEYS[number % len(KEYS)])

    async def count(self) -> None:
        """Set the own number one higher by an instruction, which knows nothing of the others."""
        update = {"kind": "updateRule", "ruleId": self.rule, "name": str(self.done + 1)}
        body = {"instructions": [update]}
        while (answer := await self._client.post(self._path, json=body)).status_code == 503:
            # It waited for too long behind the others, and nothing was changed.
            self.busy += 1
        answer.raise_for_status()
        self.done += 1

    async def count_shared(self) -> None:
        """Set the shared number one higher than it was read, unless it has moved on meanwhile."""
        read = await self._client.get(_DEFINITION)
        if read.status_code == 503:
            self.busy += 1
            return
        read.raise_for_status()
        answer = await self._client.patch(
            _DEFINITION,
            json={"metadata": {SHARED: read.json()["metadata"][SHARED] + 1}},
            headers={"if-match": read.headers["etag"]},
        )
        if answer.status_code in (412, 503):
            self.conflicts += answer.status_code == 412
            self.busy += answer.status_code == 503
            return
        answer.raise_for_status()
        self.shared += 1


def counts_of(item: bytes) -> Counts:
    """Return the numbers that a published flag holds."""
    flag = decode_flag(item)
    shared = {SHARED: int((flag.metadata or {}).get(SHARED, 0))}
    return {**shared, **{rule.id: int(rule.name or 0) for rule in flag.rules}}


def misstep(before: Mapping[str, int], after: Mapping[str, int]) -> str | None:
    """Return what is wrong, unless exactly one number grew, by one."""
    moved = {
        name: (before.get(name, 0), after.get(name, 0))
        for name in sorted(before.keys() | after.keys())
        if before.get(name, 0) != after.get(name, 0)
    }
    steps = [new - old for old, new in moved.values()]
    return None if steps == [1] else f"expected one number to grow by one, and they went {moved}"


def _rule(number: int) -> str:
    return f"writer-{number:02}"


def _instructions_path(environment: str) -> str:
    return f"{_PROJECT}/environments/{environment}/flags/counter/instructions"


async def _done(client: httpx2.AsyncClient, path: str, body: object) -> None:
    (await client.post(path, json=body)).raise_for_status()
