"""What it takes to import each client: the CPU of a process, less that of one that imports none."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from benchmarks.edge.table import Bar, rows
from benchmarks.sdk.clients import CLIENTS

_CODE: Final = {
    "pennon": "from pennon import Client",
    "launchdarkly-server-sdk": "from ldclient import LDClient",
    "UnleashClient": "from UnleashClient import UnleashClient",
}


def measure(times: int) -> dict[str, float]:
    """Return milliseconds by client: the least of *times*, which other work adds to."""
    floor = min(_cpu("pass") for _ in range(times))
    return {name: min(_cpu(_CODE[name]) for _ in range(times)) - floor for name in CLIENTS}


def report(taken: Mapping[str, float]) -> list[Bar]:
    """Print what was taken and return what is to be shown."""
    rows(
        "To import the client, ms of CPU", ("import",), [(name, [ms]) for name, ms in taken.items()]
    )
    return [Bar("from pennon import Client", taken["pennon"], "ms", "at most", 60.0)]


def _cpu(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return max(spent, 0.0) * 1e3
