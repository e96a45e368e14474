"""Asks the edge about the members that evaluations wanted to know of; in the client's own loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Final

import httpx2

from pennon.relay.member_entries import Known, MemberEntries, Place
from pennon.relay.member_lookups import MemberLookups
from pennon.relay.member_questions import MemberQuestions
from pennon.relay.membership import MembershipCache
from pennon.relay.parent_members import ParentMembers
from pennon.relay.replicas import Replicas
from pennon.sdk.health import passing_time
from pennon.sdk.members import Members
from pennon.sdk.options import Options

_GATHER_SECONDS: Final = 0.005
"""How long questions are gathered: many threads may evaluate at once."""


class AskingMembers:
    """Has *members* know of *environment* what *replicas* tell and the edge answers."""

    def __init__(
        self,
        members: Members,
        replicas: Replicas,
        environment: str,
        http: httpx2.AsyncClient,
        options: Options,
    ) -> None:
        self._members, self._environment = members, environment
        parent = ParentMembers(http, lambda: options.url, options.key)
        self._cache = MembershipCache(replicas, clock=passing_time, entries=_Shared)
        questions = MemberQuestions(parent.lookup, self._cache, clock=passing_time)
        self._lookups = MemberLookups(questions)
        self._asking: set[asyncio.Task[bool]] = set()

    async def run(self) -> None:
        """Ask for as long as it runs."""
        loop, wanted = asyncio.get_running_loop(), asyncio.Event()
        known = self._cache.of(self._environment)
        self._members.begin(
            known.known, known.at_any_age, lambda: loop.call_soon_threadsafe(wanted.set)
        )
        while True:
            await wanted.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            wanted.clear()
            if questions := self._members.take():
                asking = asyncio.create_task(self._lookups.learn(self._environment, questions))
                self._asking.add(asking)
                asking.add_done_callback(self._asking.discard)


class _Shared(MemberEntries):
    """Entries that other threads look up: to note that one was used takes two steps."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._lock = threading.Lock()

    def get(self, place: Place, key: str) -> Known | None:
        with self._lock:
            return super().get(place, key)

    def put(self, place: Place, key: str, known: Known) -> None:
        with self._lock:
            super().put(place, key, known)

    def correct(self, place: Place, key: str, known: Known) -> None:
        with self._lock:
            super().correct(place, key, known)

    def discard(self, place: Place, key: str) -> None:
        with self._lock:
            super().discard(place, key)
