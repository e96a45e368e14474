"""Whether this node lives, and whether it can answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from pennon.relay.follower import Follower
from pennon.web.handler import JSON, NO_STORE, Handler, Request, Response

_encode = msgspec.json.Encoder().encode


class HealthEndpoints:
    """
    Live: the process answers. Ready: `$access` and all that the node must serve are loaded.

    Both are open to all and so say little: names of environments are for those with a key, and
    `sources` counts them by where they were last taken from.
    """

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/healthz/live"): self.live,
            ("GET", "/healthz/ready"): self.ready,
        }

    def live(self, request: Request) -> Response:
        """Answer 200 for as long as there is someone to answer."""
        return Response(headers=(JSON, NO_STORE), body=b'{"live":true}')

    def ready(self, request: Request) -> Response:
        """Answer 200 when evaluations and streams can be served, else 503."""
        ready = self._follower.ready
        stale = [
            silent
            for name in self._follower.wanted()
            if (silent := self._follower.freshness.stale_ms(name)) is not None
        ]
        sources = Counter(
            replica.fed_by for replica in self._follower.replicas if replica.fed_by is not None
        )
        body = _encode({"ready": ready, "staleMs": max(stale, default=None), "sources": sources})
        headers = (JSON, NO_STORE) if ready else (JSON, NO_STORE, ("retry-after", "1"))
        return Response(status=200 if ready else 503, headers=headers, body=body)
