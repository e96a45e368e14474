"""
A NATS of the tests' own: child processes on loopback, one or a cluster of three.

They keep what they are told in a folder and end with the tests.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pennon.kv.nats_address import NatsAddress, servers_of
from pennon.kv.nats_connection import NatsConnection
from tests.builders.children import die_with_the_tests, free_port

_PATIENCE: Final = 30.0


def binary() -> str:
    """Return the server's program, from the environment of the tests or the machine."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise RuntimeError("There is no nats-server: install the test group.")
    return found


class NatsServer:
    """One server; its ports stay the same when it is started again."""

    def __init__(self, folder: Path, name: str, extra: str) -> None:
        self.name, self._folder, self._extra = name, folder, extra
        self.port, self.route_port, self._http_port = free_port(), free_port(), free_port()
        self.routes: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address that clients connect to."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; it is not waited for."""
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / f"{self.name}.conf"
        config.write_text(self._config())
        with (self._folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [binary(), "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_the_tests,
            )

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def forget(self) -> None:
        """Lose what it kept."""
        shutil.rmtree(self._folder / self.name, ignore_errors=True)

    def until_ready(self) -> None:
        """Return once it serves JetStream."""
        deadline = time.monotonic() + _PATIENCE
        while not self._is_ready():
            if time.monotonic() > deadline:
                raise RuntimeError((self._folder / f"{self.name}.log").read_text())
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            self._ask("healthz")
            return not self.routes or bool(self._ask("jsz")["meta_cluster"].get("leader"))
        except (OSError, KeyError):
            return False

    def _ask(self, path: str) -> dict[str, dict[str, str]]:
        address = f"http://127.0.0.1:{self._http_port}/{path}"
        with urllib.request.urlopen(address, timeout=2) as answer:
            said: dict[str, dict[str, str]] = json.load(answer)
            return said

    def _config(self) -> str:
        lines = [
            f"server_name: {self.name}",
            f"listen: 127.0.0.1:{self.port}",
            f"http: 127.0.0.1:{self._http_port}",
            self._extra.replace("STORE", str(self._folder / self.name)),
        ]
        if self.routes:
            others = ", ".join(f"nats://127.0.0.1:{port}" for port in self.routes)
            own = f"listen: 127.0.0.1:{self.route_port}"
            lines.append(f"cluster {{ name: tests, {own}, routes: [{others}] }}")
        return "\n".join(lines)


class Nats:
    """The servers of one NATS."""

    def __init__(self, folder: Path, size: int, extra: str) -> None:
        names = [f"n{number}" for number in range(size)]
        self.servers = [NatsServer(folder, name, extra) for name in names]
        if size > 1:
            for server in self.servers:
                server.routes = [other.route_port for other in self.servers]

    @property
    def url(self) -> str:
        """The address of all."""
        return ",".join(server.url for server in self.servers)

    def start(self) -> None:
        """Start all that do not run, and wait until they serve."""
        for server in self.servers:
            server.kill()
            server.start()
        for server in self.servers:
            server.until_ready()

    def kill(self) -> None:
        """End all as a power cut would."""
        for server in self.servers:
            server.kill()

    def wipe(self) -> None:
        """End all, and lose what they kept."""
        self.kill()
        for server in self.servers:
            server.forget()

    def named(self, name: str) -> NatsServer:
        """Return the server of that name."""
        return next(server for server in self.servers if server.name == name)


@contextmanager
def a_nats(size: int = 1, extra: str = "", *, jetstream: bool = True) -> Iterator[Nats]:
    """Give a NATS of *size* servers that runs; *extra* is added to each server's settings."""
    if jetstream:
        extra += '\njetstream { store_dir: "STORE" }'
    with TemporaryDirectory(prefix="pennon-nats-", ignore_cleanup_errors=True) as folder:
        nats = Nats(Path(folder), size, extra)
        try:
            nats.start()
            yield nats
        finally:
            nats.kill()


@asynccontextmanager
async def connected(nats: Nats) -> AsyncIterator[NatsConnection]:
    """Give a connection that is made."""
    address = NatsAddress(servers=servers_of(nats.url) or ())
    async with NatsConnection(address) as connection:
        async with asyncio.timeout(_PATIENCE):
            await connection.until_made()
        yield connection


def a_bucket() -> str:
    """Return the name of a bucket that nobody else has."""
    return f"test-{next(_buckets)}"


_buckets = count()
