"""The servers that are measured: each a process of its own, on one core, with what to ask it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal, NamedTuple

Asked = Literal["single", "varied", "bulk", "304"]

CORES: Final = sorted(os.sched_getaffinity(0))
SERVER_CORE: Final = CORES[0]
CLIENT_CORE: Final = CORES[-1]
PATIENCE: Final = 60.0


class Missing(Exception):
    """A server is not installed, or does not start; says which and why."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request, and some bytes that its answer must hold."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int = 200
    holds: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs: its process, where it listens, and what it can be asked."""

    name: str
    port: int
    pid: int
    asks: Mapping[Asked, Ask]

    def cpu_seconds(self) -> float:
        """Return the CPU that its process has used so far, to ten milliseconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """Return the memory that its process holds."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run this process on one core for the length of a block."""
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, CORES)


@contextmanager
def started(
    command: Sequence[str | Path],
    log: Path,
    *,
    core: int = SERVER_CORE,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run *command* on one core for the length of a block; what it says on stderr goes to *log*."""
    try:
        with log.open("ab") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **(environment or {})},
                preexec_fn=partial(os.sched_setaffinity, 0, {core}),
            )
    except OSError as error:
        raise Missing(f"{command[0]}: {error.strerror}") from None
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the line with which a process says that it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise Missing(f"it ended with {process.wait()}: {log.read_text()[-500:]}")
    return line.decode().strip()


class Answered(NamedTuple):
    """A whole answer; names of headers are lower case."""

    headers: dict[str, str]
    body: bytes


def ask_once(port: int, ask: Ask) -> Answered:
    """Ask on a connection of its own. Raises SystemExit when the answer is not what it must be."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", ask.path, ask.body, dict(ask.headers))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != ask.status or ask.holds not in body:
        raise SystemExit(f"{ask.path} was answered {answer.status}: {body[:500]!r}")
    return Answered({name.lower(): text for name, text in answer.getheaders()}, body)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until_listening(port: int, log: Path) -> None:
    """Return once something listens on *port*."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise Missing(f"it did not listen: {log.read_text()[-500:]}") from None
            time.sleep(0.02)
