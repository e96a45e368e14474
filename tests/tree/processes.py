"""Real processes of Pennon on loopback: started, asked, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.builders.children import free_port

READY_SECONDS = 60.0


class Process:
    """
    One `pennon …` process; `ready` is the JSON line with which it said that it serves.

    What it logs goes to a file, told when it does not get ready.
    """

    def __init__(self, arguments: list[str], log: Path) -> None:
        self._log = log
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PENNON_")}
        with log.open("ab") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "pennon.cli", *arguments, "--json"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
            )
        self.folder = Path(arguments[arguments.index("--data") + 1])
        self.ready: dict[str, Any] = {}

    @property
    def pid(self) -> int:
        """The number that the system knows it by."""
        return self._child.pid

    def until_ready(self) -> dict[str, Any]:
        """Return the ready line once it is there."""
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise AssertionError(f"It ended with {self._child.wait()}: {self._log.read_text()}")
        self.ready = json.loads(line)
        return self.ready

    def log(self) -> str:
        """Return all that it has logged, and those before it under this name."""
        return self._log.read_text()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._child.kill()
        self._child.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._child.send_signal(number)

    def wait(self) -> int:
        """Return its exit code once it has ended."""
        return self._child.wait(READY_SECONDS)

    def stop(self) -> int:
        """Ask it to end and return its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._child.poll() is None:
            self.kill()
        assert self._child.stdout is not None
        self._child.stdout.close()


class Tree:
    """An origin and those below it in one folder; whatever still runs is killed at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._running: list[Process] = []
        self.keys: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """The origin's address, the same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    def start_origin(self, *options: str) -> Process:
        """Start the embedded default on the tree's port, and wait until it is ready."""
        process = self._start(
            "origin",
            ["up", "--port", str(self._port), "--data", str(self._folder / "origin"), *options],
        )
        self.keys = process.until_ready()
        return process

    def start_edge(
        self,
        name: str,
        *options: str,
        key: str | None = None,
        parents: Sequence[str] = (),
        port: int = 0,
    ) -> Process:
        """Start an edge that follows *parents*, by default the origin; it is not waited for."""
        return self._start_node("edge", name, options, key, parents, port)

    def start_connector(
        self, name: str, *options: str, parents: Sequence[str] = (), port: int = 0
    ) -> Process:
        """Start a connector that follows *parents*, by default the origin; it is not waited for."""
        return self._start_node("connector", name, options, None, parents, port)

    def _start_node(
        self,
        role: str,
        name: str,
        options: Sequence[str],
        key: str | None,
        parents: Sequence[str],
        port: int = 0,
    ) -> Process:
        return self._start(
            name,
            [
                *(role, "--key", key or self.keys["relayKey"]),
                *(word for parent in parents or (self.url,) for word in ("--parent", parent)),
                *("--port", str(port), "--data", str(self._folder / name)),
                *("--node", f"{name}-1", "--pop", name, "--region", "test"),
                *options,
            ],
        )

    def _start(self, name: str, arguments: list[str]) -> Process:
        process = Process(arguments, self._folder / f"{name}.log")
        self._running.append(process)
        return process

    def end(self) -> None:
        """Kill what still runs."""
        for process in self._running:
            process.__exit__(None, None, None)


@contextmanager
def a_tree(folder: Path) -> Iterator[Tree]:
    """Give a tree for the length of a block."""
    tree = Tree(folder)
    try:
        yield tree
    finally:
        tree.end()
