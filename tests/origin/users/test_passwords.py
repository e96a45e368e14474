"""Hashing passwords, few at a time."""

from __future__ import annotations

import asyncio

import pytest

from pennon.errors import NotReady
from pennon.origin.users.passwords import Passwords, is_outdated

CHEAP = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$ltrf6vkTWcaqJMTNlfwlQ1T5ru8Ls3xSPxNPcA6eCSQ"


class TestPasswords:
    async def test_a_hash_is_verified_by_its_password_alone(self) -> None:
        """And is another each time."""
        passwords = Passwords()
        kept = await passwords.hash("correct horse battery")

        assert await passwords.verify(kept, "correct horse battery")
        assert not await passwords.verify(kept, "correct horse")
        assert await passwords.hash("correct horse battery") != kept

    @pytest.mark.parametrize("kept", [None, "", "nonsense", CHEAP])
    async def test_what_is_no_hash_of_it_is_wrong(self, kept: str | None) -> None:
        """Nor is there a password for nobody, not even the decoy's."""
        assert not await Passwords().verify(kept, "nobody's")

    async def test_whoever_would_wait_too_long_is_told_to_come_back(self) -> None:
        """Sign-ins take neither the memory nor the threads of everything else."""
        passwords = Passwords()
        waiting = [asyncio.create_task(passwords.hash("correct horse")) for _ in range(32)]
        await asyncio.sleep(0)  # each takes its place

        with pytest.raises(NotReady):
            await passwords.hash("correct horse")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def test_a_hash_of_other_parameters_is_outdated(self) -> None:
        """It is made anew at the next sign-in."""
        assert is_outdated(CHEAP)
        assert not is_outdated(await Passwords().hash("correct horse"))
