"""
What a node does while its parent is silent: it reads L3, the KV that the origin writes.

So an edge starts without a parent and without a disk, and goes on learning of changes while its
connector is dead. L3 is asked only where it stands until it stands further; what comes from it is
refused for the same reasons as what comes from a parent.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from pennon.model.position import ACCESS
from pennon.relay.replica import Verdict
from pennon.relay.replicas import Replicas
from pennon.relay.tiers import SharedStore, Standing

log = logging.getLogger(__name__)

GRACE_SECONDS: Final = 1.0
"""How long after the start the parent may be silent: as a rule it answers sooner."""
POLL_SECONDS: Final = 3.0
"""How often L3 is asked, on average, while the parent is silent."""

Outcome = Literal["applied", "known", "refused", "unreachable"]


class KvFallback:
    """
    Takes from *store* what is newer there of the environments that *readable* names.

    *silent* says of an environment whether the parent is silent about it. `read` counts what came
    of asking; `seen` says what the store was last seen to hold.
    """

    def __init__(
        self,
        store: SharedStore,
        replicas: Replicas,
        readable: Callable[[], frozenset[str]],
        silent: Callable[[str], bool],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._replicas = store, replicas
        self._readable, self._silent = readable, silent
        self._sleep, self._random = sleep, random
        self.read: Counter[Outcome] = Counter()
        self.seen: dict[str, Standing] = {}
        self._is_reached = True

    @property
    def refused(self) -> int:
        """How many datafiles were not taken: torn, rotten, wrong or shrunk."""
        return self._store.refused + self.read["refused"]

    async def run(self) -> None:
        """Read what is newer whenever the parent is silent, until cancelled."""
        await self._sleep(GRACE_SECONDS)
        while True:
            try:
                await self.look()
            except Exception:
                # A fault of ours must not end what keeps the node current while all else fails.
                log.exception("fallback_failed")
            # Spread: a connector's end must not bring all its edges here at one moment.
            await self._sleep(POLL_SECONDS * (0.5 + self._random()))

    async def look(self) -> None:
        """Ask once for each environment that the parent is silent about."""
        # What may be read is known better once `$access` was.
        looked_at = {ACCESS}
        if not await self._look_at(ACCESS):
            return
        # What is loaded may make known how much more there is room for.
        while left := self._readable() - looked_at:
            for environment in sorted(left):
                looked_at.add(environment)
                if not await self._look_at(environment):
                    return

    async def _look_at(self, environment: str) -> bool:
        """Ask for one; return False where others would wait as long for as little."""
        if self._silent(environment):
            try:
                await self.take(environment)
            except OSError as error:
                self._note_unreachable(error)
                return False
            self._is_reached = True
        return True

    def _note_unreachable(self, error: OSError) -> None:
        self.read["unreachable"] += 1
        if self._is_reached:
            log.warning("l3_unreachable", extra={"reason": str(error)})
        self._is_reached = False

    async def take(self, environment: str) -> Outcome:
        """Take what is newer in the store, whatever the parent says. Raises OSError."""
        outcome = await self._take(environment)
        self.read[outcome] += 1
        return outcome

    async def _take(self, environment: str) -> Outcome:
        offered = await self._store.position(environment)
        replica = self._replicas.open(environment)
        if offered is None or (replica.position is not None and offered <= replica.position):
            if offered is not None and offered == replica.position:
                self.seen[environment] = Standing(offered, replica.committed_at)
            return "known"
        snapshot = await self._store.load(environment)
        if snapshot is None or snapshot.environment != environment:
            return "known"  # refused and counted by the store, or gone since
        self.seen[environment] = Standing(snapshot.position, snapshot.committed_at)
        if replica.forgotten:
            return "known"
        held = replica.position
        if held is not None and snapshot.position <= held:
            return "known"  # the parent came back meanwhile
        verdict = replica.replace(snapshot)
        fields = {"environment": environment, "had": str(held), "got": str(snapshot.position)}
        if verdict is not Verdict.APPLIED:
            log.error("l3_refused", extra={**fields, "verdict": verdict.name})
            return "refused"
        replica.fed_by = "l3"
        log.warning("taken_from_l3", extra=fields)
        return "applied"
