"""The real processes of a simulation: the origin and its connectors, started and killed."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from pennon.errors import PennonError


class NodeFailed(PennonError):
    """A process of the simulation ended when it should have served."""


class NodeProcess:
    """One `pennon …` process on loopback. Once it has a port, it comes back to it."""

    def __init__(
        self, name: str, arguments: Sequence[str], folder: Path, prefix: Sequence[str] = ()
    ) -> None:
        self.name = name
        self._prefix = prefix
        self._arguments, self._log = list(arguments), folder / f"{name}.log"
        self._process: Process | None = None
        self.url = ""

    @property
    def port(self) -> int:
        """The port that it serves on; 0 before it ever did."""
        return int(self.url.rpartition(":")[2] or 0)

    async def start(self) -> dict[str, Any]:
        """Start it and return the line with which it says that it serves."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith("PENNON_")}
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(
                    *self._prefix,
                    sys.executable,
                    "-m",
                    "pennon.cli",
                    *self._arguments,
                    "--port",
                    str(self.port),
                    "--json",
                ),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=log,
                env=environ,
            )
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            said = self._log.read_text(errors="replace").strip().splitlines()
            raise NodeFailed(
                f"{self.name} did not start: {said[-1] if said else 'it said nothing'}"
            )
        ready: dict[str, Any] = msgspec.json.decode(line)
        self.url = ready["url"]
        return ready

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


def origin(folder: Path, host: str) -> NodeProcess:
    """Return the origin of a simulation: the embedded default, in its own data folder."""
    arguments = ["up", "--host", host, "--data", str(folder / "origin")]
    return NodeProcess("origin", arguments, folder)


def connector(
    region: str,
    number: int,
    parents: Sequence[str],
    key: str,
    folder: Path,
    prefix: Sequence[str] = (),
) -> NodeProcess:
    """
    Return a connector of *region* that follows the first of *parents* that it can.

    *prefix* is what it is started with to be on the far side of its region's link.
    """
    name = f"{region}-connector-{number}"
    return NodeProcess(
        name,
        [
            "connector",
            *(word for parent in parents for word in ("--parent", parent)),
            *("--key", key, "--data", str(folder / name)),
            *("--node", name, "--pop", name, "--region", region),
        ],
        folder,
        prefix,
    )
