"""
Hashes passwords with Argon2id, beside the event loop and few at a time.

The parameters are OWASP's first choice: 46 MiB, one pass, one lane. A hash names its own, so that
others can be chosen later: a sign-in then hashes anew. Two at once bound the memory to 92 MiB;
who would wait behind too many is told to come back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pennon.errors import NotReady

_AT_ONCE: Final = 2
_MOST_WAITING: Final = 32
_hasher: Final = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)


class Passwords:
    """Hashes and verifies. Each raises NotReady when too many wait for it already."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash under which *password* is kept."""
        async with self._turn():
            return await asyncio.to_thread(_hasher.hash, password)

    async def verify(self, kept: str | None, password: str) -> bool:
        """
        Return whether *password* is the one that was hashed to *kept*.

        Without one (nobody has that name) it takes as long and is wrong, so that the time says
        nothing of who there is.
        """
        if self._decoy is None:
            self._decoy = await self.hash("nobody's")
        async with self._turn():
            compared = self._decoy if kept is None else kept
            right = await asyncio.to_thread(_verify, compared, password)
        return right and kept is not None

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        if self._waiting >= _MOST_WAITING:
            raise NotReady("Too many people are signing in at this moment.")
        self._waiting += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting -= 1


def is_outdated(kept: str) -> bool:
    """Return whether *kept* was hashed with other parameters than those of today."""
    return _hasher.check_needs_rehash(kept)


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
