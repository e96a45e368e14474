"""What this process has used so far, and how long its collector has stopped it."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path
from typing import Any

from msgspec import Struct


class Usage(Struct, frozen=True, kw_only=True):
    """Bytes resident now and at most, seconds of CPU, statements of SQL, pauses in seconds."""

    resident: int
    peak: int
    cpu: float
    statements: int
    pauses: list[float]


class Meter:
    """Counts from its making on; the pauses are those since it was last read."""

    def __init__(self) -> None:
        self.statements = 0
        self._began = 0.0
        self._pauses: list[float] = []
        gc.callbacks.append(self._on_collection)

    def read(self) -> Usage:
        pauses, self._pauses = self._pauses, []
        return Usage(
            resident=_status("VmRSS"),
            peak=_status("VmHWM"),
            cpu=time.process_time(),
            statements=self.statements,
            pauses=pauses,
        )

    def on_statement(self, *_: Any) -> None:
        """Count one; a listener of SQLAlchemy's."""
        self.statements += 1

    def _on_collection(self, phase: str, _: object) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self._pauses.append(time.perf_counter() - self._began)


def _status(name: str) -> int:
    """Return the bytes that Linux tells under *name*, 0 elsewhere."""
    status = Path(f"/proc/{os.getpid()}/status")
    if not status.exists():
        return 0
    lines = [line for line in status.read_text("ascii").splitlines() if line.startswith(name)]
    return int(lines[0].split()[1]) * 1024
