"""How many requests a second an edge answers with one worker and with two, and who did the work."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from tests.tree.processes import Process, Tree

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_RATE: Final = re.compile(r"Requests/sec:\s+([\d.]+)")
_PATH: Final = "/ofrep/v1/evaluate/flags"


class Rate(NamedTuple):
    """Requests a second, and the seconds of CPU of each process that answered."""

    rate: float
    cpu: tuple[float, ...]

    @property
    def shares(self) -> str:
        """The share of each in the work."""
        return " : ".join(f"{100 * each / sum(self.cpu):.0f} %" for each in self.cpu)


def load(edge: Process, tree: Tree, folder: Path, *, seconds: int, connections: int) -> Rate:
    """Ask an edge for all flags of a user, on connections that stay open."""
    script = folder / "ask.lua"
    script.write_text(
        'wrk.method = "POST"\n'
        'wrk.body = [==[{"context":{"targetingKey":"ada","plan":"pro"}}]==]\n'
        f'wrk.headers["Authorization"] = "Bearer {tree.keys["serverKey"]}"\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
    )
    pids = _children(edge.pid) or [edge.pid]
    before = [_cpu(pid) for pid in pids]
    told = subprocess.run(
        [
            *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)),
            edge.ready["url"] + _PATH,
        ],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(told)
    rate = _RATE.search(told)
    assert rate is not None, told
    spent = (_cpu(pid) - start for pid, start in zip(pids, before, strict=True))
    return Rate(float(rate[1]), tuple(spent))


def median(rates: list[Rate]) -> Rate:
    """Return the round of the middle rate."""
    return sorted(rates)[len(rates) // 2]


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
