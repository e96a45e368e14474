"""All replicas of a node, and what happened to them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator

from pennon.model.messages import (
    Change,
    Contact,
    Goodbye,
    Heartbeat,
    Message,
    Snapshot,
    Unreadable,
)
from pennon.relay.replica import Replica, Verdict, Weigh, held_as_bytes

log = logging.getLogger(__name__)

Watcher = Callable[[Replica, Change | Snapshot], None]


class Replicas:
    """
    A replica for each environment that the node follows, opened when first named.

    `taken` counts messages by type and by what became of them, for metrics and alarms; *weigh*
    says what an item takes in memory.
    """

    def __init__(self, weigh: Weigh = held_as_bytes) -> None:
        self._weigh = weigh
        self._replicas: dict[str, Replica] = {}
        self._unlisten: dict[str, Callable[[], None]] = {}
        self._watchers: list[Watcher] = []
        self._mourners: list[Callable[[str], None]] = []
        self._users: list[Callable[[str], bool]] = []
        self.taken: Counter[tuple[str, Verdict]] = Counter()

    def __iter__(self) -> Iterator[Replica]:
        return iter(tuple(self._replicas.values()))

    def __contains__(self, environment: object) -> bool:
        return environment in self._replicas

    def get(self, environment: str) -> Replica | None:
        """Return the replica if this node follows *environment*."""
        return self._replicas.get(environment)

    def open(self, environment: str) -> Replica:
        """Return the replica of *environment*, made now if there is none."""
        replica = self._replicas.get(environment)
        if replica is None:
            replica = self._replicas[environment] = Replica(environment, weigh=self._weigh)
            self._unlisten[environment] = replica.listen(lambda news: self._tell(replica, news))
        return replica

    def keep(self, environments: frozenset[str]) -> None:
        """Forget every environment but these: this node no longer follows the others."""
        for environment in self._replicas.keys() - environments:
            self._replicas.pop(environment).forgotten = True
            # Else replica and listener know each other, and their memory is not given back soon.
            self._unlisten.pop(environment)()
            for mourner in self._mourners:
                mourner(environment)

    def watch(self, watcher: Watcher) -> None:
        """Call *watcher* with every change and snapshot that any replica takes from now on."""
        self._watchers.append(watcher)

    def watch_the_end(self, mourner: Callable[[str], None]) -> None:
        """Call *mourner* with every environment that is forgotten from now on."""
        self._mourners.append(mourner)

    def is_used_by(self, user: Callable[[str], bool]) -> None:
        """Have *user* say of an environment whether somebody follows it here."""
        self._users.append(user)

    def in_use(self, environment: str) -> bool:
        """Return whether somebody follows *environment* here, so that it must stay."""
        return any(user(environment) for user in self._users)

    def take(self, message: Message) -> Verdict:
        """Give *message* to the replica it is for and return what became of it."""
        if isinstance(message, (Contact, Goodbye)):
            return Verdict.KNOWN
        replica = self._replicas.get(message.environment)
        verdict = _give(message, replica) if replica else Verdict.KNOWN
        kind = message.kind if isinstance(message, Unreadable) else type(message).__name__.lower()
        self.taken[kind, verdict] += 1
        if replica is not None and verdict is Verdict.APPLIED:
            replica.fed_by = "parent"
        if verdict not in (Verdict.APPLIED, Verdict.KNOWN):
            offered = message.reason if isinstance(message, Unreadable) else str(message.position)
            log.warning(
                "message_not_applied",
                extra={
                    "environment": message.environment,
                    "verdict": verdict.name,
                    "held": str(replica.position if replica else None),
                    "offered": offered,
                },
            )
        return verdict

    def _tell(self, replica: Replica, news: Change | Snapshot) -> None:
        for watcher in self._watchers:
            watcher(replica, news)


def _give(message: Change | Snapshot | Heartbeat | Unreadable, replica: Replica) -> Verdict:
    match message:
        case Change():
            return replica.apply(message)
        case Snapshot():
            return replica.replace(message)
        case Heartbeat():
            return replica.check(message)
        case Unreadable():
            if message.kind == "change":
                replica.doubt()
            return Verdict.UNREADABLE
