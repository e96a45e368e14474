"""What a client may ask of the bare server, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    head_bytes: int = 32 * 1024
    """A request's line and headers; more is 431."""
    body_bytes: int = 1024 * 1024
    """A request's body; more is 413."""
    request_seconds: float = 15.0
    """From a request's first byte to its last; a client that dribbles is let go with 408."""
    idle_seconds: float = 75.0
    """Between two requests of a connection."""
    stall_seconds: float = 30.0
    """How long a client may take nothing of what was written for it."""
    buffer_bytes: int = 256 * 1024
    """What may wait to be sent to one client before its stream is paused."""
    connections: int = 50_000
    """Open connections; more are closed as they come."""
