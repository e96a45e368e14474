"""The project that is multiplied, made through the API as anybody would make it."""

from __future__ import annotations

from typing import Any, Final

import httpx2

API: Final = "/api/v1"
ENVIRONMENTS: Final = ("production", "staging")
_WORDS: Final = ("checkout", "search", "basket", "mail", "profile", "price", "stock", "banner")


async def create_project(
    client: httpx2.AsyncClient, key: str, flags: int = 0, changes: int = 0, suffix: str = ""
) -> None:
    """Create a project of *flags*, each of which is changed *changes* times."""
    await _ask(client, "POST", f"{API}/projects", {"key": key, "name": f"The project {key}"})
    for environment in ENVIRONMENTS:
        await _ask(client, "POST", f"{API}/projects/{key}/environments", {"key": environment})
    for number in range(flags):
        await _ask(client, "POST", f"{API}/projects/{key}/flags", _flag(number, suffix))
    for turn in range(changes):
        for number in range(flags):
            environment = ENVIRONMENTS[turn % len(ENVIRONMENTS)]
            path = (
                f"{API}/projects/{key}/environments/{environment}/flags/{name_of(number)}{suffix}"
            )
            await _ask(client, "PATCH", path, {"enabled": turn // 2 % 2 == 0})


def name_of(number: int) -> str:
    """Return the key of a flag."""
    return f"{_WORDS[number % len(_WORDS)]}-{number:03}"


def _flag(number: int, suffix: str) -> dict[str, Any]:
    return {
        "key": name_of(number) + suffix,
        "type": "boolean",
        "name": f"The flag of {_WORDS[number % len(_WORDS)]}, number {number}",
        "description": "What it is for, in a sentence or two that somebody may search for.",
        "owner": f"team-{number % 7}",
        "tags": [f"tag-{number % 5}", "all"],
        "temporary": number % 2 == 0,
    }


async def _ask(client: httpx2.AsyncClient, method: str, path: str, body: object) -> None:
    (await client.request(method, path, json=body)).raise_for_status()
