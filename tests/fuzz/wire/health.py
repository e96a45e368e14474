"""What a process holds: open files and memory, as Linux tells it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Held(NamedTuple):
    """What a process holds at one moment."""

    files: int
    bytes: int


def held_by(pid: int) -> Held:
    """Return what process *pid* holds."""
    process = Path(f"/proc/{pid}")
    status = (process / "status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return Held(len(list((process / "fd").iterdir())), int(resident.split()[1]) * 1024)
