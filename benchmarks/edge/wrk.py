"""
Closed-loop load by wrk: as many requests as one core answers, each after the answer to the last.

A server's own figure is its CPU a request: requests a second suffer from whatever else the machine
does, and stop at what wrk itself can ask.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.edge.servers import CLIENT_CORE, Ask, Asked, Missing, Server, ask_once

CONNECTIONS: Final = 64
_UNITS: Final = {"us": 1e-3, "ms": 1.0, "s": 1e3}
_REQUESTS: Final = re.compile(r"(\d+) requests in ")
_RATE: Final = re.compile(r"Requests/sec:\s+([\d.]+)")
_QUANTILE: Final = r"\s{name}%\s+([\d.]+)(us|ms|s)"


class Taken(NamedTuple):
    """Requests a second, milliseconds, and microseconds of the server's CPU a request."""

    rate: float
    p50: float
    p99: float
    cpu: float


def load(server: Server, asked: Asked, seconds: float, folder: Path) -> Taken:
    """Ask for so long and return what was taken. Raises SystemExit when an answer is not right."""
    ask_once(server.port, server.asks[asked])
    script = folder / "ask.lua"
    script.write_text(_script(server.asks[asked], asked == "varied"), encoding="utf-8")
    before = server.cpu_seconds()
    told = _run(
        [
            *("wrk", "--latency", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"),
            *("-s", str(script), f"http://127.0.0.1:{server.port}{server.asks[asked].path}"),
        ]
    )
    spent = server.cpu_seconds() - before
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"{server.name}, {asked}: {told}")
    count, rate = _REQUESTS.search(told), _RATE.search(told)
    assert count is not None, told
    assert rate is not None, told
    return Taken(
        rate=float(rate[1]),
        p50=_quantile(told, 50),
        p99=_quantile(told, 99),
        cpu=spent / int(count[1]) * 1e6,
    )


def _run(command: Sequence[str]) -> str:
    try:
        return subprocess.run(
            command,
            capture_output=True,
            check=True,
            text=True,
            preexec_fn=partial(os.sched_setaffinity, 0, {CLIENT_CORE}),
        ).stdout
    except FileNotFoundError:
        raise Missing("wrk") from None


def _quantile(told: str, name: int) -> float:
    found = re.search(_QUANTILE.format(name=name), told)
    assert found is not None, told
    return float(found[1]) * _UNITS[found[2]]


_VARIED: Final = """
local heads, count = {}, 0
init = function()
    for number = 1, 101 do
        wrk.headers["X-Number"] = tostring(number)
        heads[number] = wrk.format()
    end
end
request = function()
    count = count % #heads + 1
    return heads[count]
end
"""


def _script(ask: Ask, varied: bool) -> str:
    lines = ['wrk.method = "POST"', f"wrk.body = [==[{ask.body.decode()}]==]"]
    lines += [
        f"wrk.headers[ [==[{name}]==] ] = [==[{text}]==]" for name, text in ask.headers.items()
    ]
    if varied:
        lines.append(_VARIED)
    return "\n".join(lines)
