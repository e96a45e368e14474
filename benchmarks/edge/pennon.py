"""Starts the edge that is measured, and the parent that it follows."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.edge.cases import ASKED, BODY, FLAGS, RELAY_KEY, SERVER_KEY
from benchmarks.edge.servers import (
    CLIENT_CORE,
    SERVER_CORE,
    Ask,
    Asked,
    Server,
    ask_once,
    first_line,
    started,
)
from pennon.model.ready import NodeReady

NOWHERE: Final = "http://127.0.0.1:9"
"""A parent that is never there."""
_HEADERS: Final = {"Authorization": f"Bearer {SERVER_KEY}", "Content-Type": "application/json"}
SINGLE: Final = Ask(
    path=f"/ofrep/v1/evaluate/flags/{ASKED}", headers=_HEADERS, body=BODY, holds=b'"value":true'
)
BULK: Final = Ask(
    path="/ofrep/v1/evaluate/flags", headers=_HEADERS, body=BODY, holds=b'"eventStreams"'
)


@contextmanager
def parent(folder: Path, flags: int = FLAGS) -> Iterator[str]:
    """Give the address of a parent of so many flags, for the length of a block."""
    log = folder / "parent.log"
    command = [sys.executable, "-m", "benchmarks.edge.parent", str(flags)]
    with started(command, log, core=CLIENT_CORE) as process:
        yield first_line(process, log)


@contextmanager
def node(
    role: str, parent: str, folder: Path, *options: str, core: int = SERVER_CORE
) -> Iterator[Server]:
    """Run `pennon edge` or `pennon connector`, ready, for the length of a block."""
    log = folder / f"{role}.log"
    command = [
        sys.executable,
        "-m",
        "pennon.cli",
        role,
        "--json",
        "--port",
        "0",
        "--parent",
        parent,
    ]
    command += ["--data", str(folder / role), "--node", f"{role}-1", *options]
    with started(command, log, core=core, environment={"PENNON_KEY": RELAY_KEY}) as process:
        ready = msgspec.json.decode(first_line(process, log), type=NodeReady)
        port = int(ready.url.rpartition(":")[2])
        yield Server(name=f"pennon {role}", port=port, pid=process.pid, asks={})


@contextmanager
def edge(folder: Path, flags: int = FLAGS) -> Iterator[Server]:
    """Run an edge that follows a parent, and that has heard of it."""
    with parent(folder, flags) as address, node("edge", address, folder) as server:
        asks: dict[Asked, Ask] = {"single": SINGLE, "varied": SINGLE, "bulk": BULK}
        while "x-pennon-stale" in (answer := ask_once(server.port, BULK)).headers:
            time.sleep(0.05)
        known = {**_HEADERS, "If-None-Match": answer.headers["etag"]}
        asks["304"] = Ask(path=BULK.path, headers=known, body=BODY, status=304)
        yield Server(name="pennon edge", port=server.port, pid=server.pid, asks=asks)
