"""What a process says once it is ready: the one line that `--json` prints."""

from __future__ import annotations

from pennon.model.flag import Wire


class Announcement(Wire, frozen=True, kw_only=True):
    """`pennon up` is ready: where it is, and the keys and the sample to try it with."""

    url: str
    admin_token: str
    server_key: str
    client_key: str
    relay_key: str
    project: str
    environment: str


class OriginReady(Wire, frozen=True, kw_only=True):
    """An origin is ready at `url`."""

    url: str


class NodeReady(Wire, frozen=True, kw_only=True):
    """A connector or an edge is ready: who it is, and the environments that it has loaded."""

    url: str
    node: str
    pop: str
    environments: tuple[str, ...] = ()
