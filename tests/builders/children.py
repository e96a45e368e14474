"""What every child process of the tests needs: a port, and an end when the tests end."""

from __future__ import annotations

import ctypes
import signal
import socket
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def free_port() -> int:
    """Return a port that nothing listens on, for a process that must come back to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def die_with_the_tests(how: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel end a server whose tests were killed; runs in the child."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how)
