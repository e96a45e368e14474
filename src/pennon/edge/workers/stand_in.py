"""What answers for a node while none of its workers is ready: that it lives, and is not ready."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from pennon.edge.workers.entrance import Entrance
from pennon.errors import NotReady
from pennon.web.bare import BareServer
from pennon.web.bare.limits import Limits
from pennon.web.handler import JSON, NO_STORE, Request, Response
from pennon.web.problem import problem_of

LIMITS = Limits(idle_seconds=5.0, head_seconds=5.0, body_seconds=5.0)


class StandIn:
    """A server of one answer a connection, so that its clients come back to a worker."""

    def __init__(self, doors: Sequence[socket.socket]) -> None:
        self.bare = BareServer(answer, LIMITS)
        self.bare.draining = True
        self.entrance = Entrance(self.bare, doors)


def answer(request: Request) -> Response:
    """Answer that the node lives, to who asks for that, and to all others that it is not ready."""
    if request.path == "/healthz/live":
        return Response(headers=(JSON, NO_STORE), body=b'{"live":true}')
    status, headers, body = problem_of(NotReady("No worker of this node is ready yet."))
    return Response(status=status, headers=headers, body=body)
