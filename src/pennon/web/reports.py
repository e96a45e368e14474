"""What followers tell a node: acks of what they applied, and who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pennon.model.codec import decode
from pennon.model.messages import Acks, NodeAnnouncement, NodeAnnouncements
from pennon.web.auth import Keys
from pennon.web.handler import Handler, Request, Response

_ACCEPTED = Response(status=202)


class Reports(Protocol):
    """Where reports go: the origin keeps them, any other node passes them up."""

    async def acks(self, acks: Acks) -> None:
        """Take what some PoPs have applied."""
        ...

    async def nodes(self, announcements: Sequence[NodeAnnouncement]) -> None:
        """Take who nodes are and how they do."""
        ...


class ReportEndpoints:
    """Takes reports from holders of relay keys."""

    def __init__(self, keys: Keys, reports: Reports) -> None:
        self._keys, self._reports = keys, reports

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("POST", "/sync/v1/acks"): self.acks,
            ("POST", "/sync/v1/nodes"): self.nodes,
        }

    async def acks(self, request: Request) -> Response:
        """Take a batch of acks. An ack that was taken before changes nothing."""
        self._keys.relay(request)
        await self._reports.acks(decode(request.body, Acks))
        return _ACCEPTED

    async def nodes(self, request: Request) -> Response:
        """Take announcements of nodes; the newest of a node replaces those before."""
        self._keys.relay(request)
        await self._reports.nodes(decode(request.body, NodeAnnouncements).nodes)
        return _ACCEPTED
