"""What a client may ask of the bare server, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    head_bytes: int = 32 * 1024
    """A request's line and headers, each with 32 bytes more; more is 431."""
    body_bytes: int = 1024 * 1024
    """A request's body; more is 413."""
    head_seconds: float = 10.0
    """From a request's first byte to the end of its head; a client that dribbles gets 408."""
    body_seconds: float = 15.0
    """From there to the end of its body."""
    idle_seconds: float = 75.0
    """Between two requests of a connection."""
    stall_seconds: float = 30.0
    """How long a client may take nothing of what was written for it."""
    linger_seconds: float = 2.0
    """How long a client that was refused may go on sending, so that it can read why."""
    buffer_bytes: int = 256 * 1024
    """What may wait to be sent to one client before its stream is paused."""
    unfinished_bytes: int = 64 * 1024 * 1024
    """What is kept of all requests that are not whole, or wait for another; more is 503."""
    connections: int = 50_000
    """Open connections; more are refused as they come."""
    connections_per_address: int = 10_000
    """Those of one address; 0 for as many as there are."""
