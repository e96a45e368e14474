"""What a serving process asks of Python and of the system: an even pace, and enough sockets."""

from __future__ import annotations

import contextlib
import gc
import math
import sys
from typing import Final

_OWN_FILES: Final = 256


def open_more_files() -> None:
    """
    Let the process open as many files as its owner may.

    Each follower holds a socket, and the limit that a process starts with is often 1,024.
    """
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(ValueError, OSError):  # some systems promise more than they give
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def room_for_connections() -> float:
    """Return how many connections the process may hold beside the files that it needs itself."""
    if sys.platform == "win32":
        return math.inf
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return math.inf if most == resource.RLIM_INFINITY else max(most - _OWN_FILES, 1)


def calm_collector() -> None:
    """
    Keep the garbage collector from stopping the process for long.

    Call it once all is loaded, and before anybody is told so: the first request would wait for it.

    A full collection walks every object there is: with ten thousand followers that is a pause of
    a second and more, in which nobody is told anything. What is loaded by now stays, so it is put
    out of the collector's sight, and what comes later is looked at in large portions, seldom.
    Garbage that only the collector finds is rare here: connections untie their own knots.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)
