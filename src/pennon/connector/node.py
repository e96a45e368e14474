"""All that a connector is: it follows, keeps what it is told, passes it on and reports upward."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

import httpx2

from pennon.connector.grants import granted_to
from pennon.connector.history import ParentHistory
from pennon.connector.metrics import ParentMetrics
from pennon.connector.reports import UpwardReports
from pennon.connector.settings import ConnectorSettings
from pennon.kv.bundled import Bundled
from pennon.kv.datafiles import Datafiles
from pennon.kv.directory import DirectoryKv
from pennon.kv.shared_folder import SharedFolder
from pennon.model.messages import Role
from pennon.model.position import ACCESS
from pennon.relay.follower import Follower
from pennon.relay.node_members import NodeMembers
from pennon.relay.parent_members import ParentMembers
from pennon.relay.parents import Parent, Parents
from pennon.relay.postbox import EventUplink
from pennon.relay.tiers import DatafileStore, SharedStore
from pennon.relay.uplink import Uplink
from pennon.relay.upstream import SseUpstream, is_healthy
from pennon.relay.working_set import Holding
from pennon.web.data_plane import Routed
from pennon.web.events import EventEndpoints, PassedUp
from pennon.web.fanout import Fanout
from pennon.web.member_metrics import MemberMetrics
from pennon.web.members import MembersEndpoints
from pennon.web.node import Node

Running = Callable[[], AbstractAsyncContextManager[None]]
"""Runs something for the length of a block."""


class ConnectorNode:
    """
    A node that forwards bytes and never decodes a flag; `parts` are what it serves.

    Where it *shares_folder*, other processes keep the same datafiles there.
    """

    def __init__(
        self,
        settings: ConnectorSettings,
        client: httpx2.AsyncClient,
        role: Role = "connector",
        l3: SharedStore | None = None,
        holding: Holding | None = None,
        *,
        shares_folder: bool = False,
    ) -> None:
        self.parents = Parents(
            [
                Parent(
                    url,
                    SseUpstream(client, url, settings.key, idle_seconds=settings.idle_seconds),
                    partial(is_healthy, client, url),
                )
                for url in settings.parent
            ],
            settle=settings.return_seconds,
            stale_seconds=settings.stale_seconds,
        )
        self.events = EventUplink(client, lambda: self.parents.url, settings.key)
        self.follower = Follower(
            self.parents,
            granted_to(settings),
            store=_store(settings, shares_folder),
            l3=l3,
            is_connected=lambda: self.parents.connected,
            stale_seconds=settings.stale_seconds,
            holding=holding,
        )
        self.members = NodeMembers(
            self.follower.replicas,
            ParentMembers(client, lambda: self.parents.url, settings.key).lookup,
            whom=lambda: self.parents.url,
            most=settings.members,
            seconds=settings.members_seconds,
        )
        self.fanout = Fanout(self.follower.replicas)
        self._reports = UpwardReports(
            settings,
            role,
            self.follower,
            self.fanout,
            Uplink(client, lambda: self.parents.url, settings.key),
            lambda: self.parents.url,
        )
        history = ParentHistory(client, lambda: self.parents.url, settings.key)
        node = Node(
            self.follower,
            self.fanout,
            settings,
            self._reports,
            history,
            metrics=[ParentMetrics(self.parents, history), MemberMetrics(self.members)],
        )
        self.keys, self.metrics = node.keys, node.metrics
        self.parts: tuple[Routed, ...] = (
            *node.parts,
            EventEndpoints(node.keys, PassedUp(self.events.send)),
            MembersEndpoints(node.keys, self.follower.replicas, self.members.below.lookup),
        )
        self._beside: list[Running] = []
        self._steps: list[Callable[[], None]] = []

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments that it serves."""
        return tuple(sorted(self.follower.wanted() - {ACCESS}))

    def run_beside(self, running: Running) -> None:
        """Have what is more than a connector run for as long as the node does."""
        self._beside.append(running)

    def prepare_by(self, step: Callable[[], None]) -> None:
        """Have *step* done once all is loaded, before anybody is told that the node is ready."""
        self._steps.append(step)

    def prepare(self) -> None:
        """Do what is to be done before the node is ready."""
        for step in self._steps:
            step()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Follow and report, for the length of a block."""
        async with self.follower, self._reports.running(), AsyncExitStack() as beside:
            for running in self._beside:
                await beside.enter_async_context(running())
            yield


def _store(settings: ConnectorSettings, shares_folder: bool) -> DatafileStore:
    """Return L2, with the bundle below it where there is one."""
    folder = DirectoryKv(settings.data)
    own = SharedFolder(folder) if shares_folder else Datafiles(folder)
    if settings.bundle is None:
        return own
    return Bundled(own, Datafiles(DirectoryKv(settings.bundle)))
