"""How the benchmark's processes are told what to do: a line in, a line of JSON out."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

import msgspec


async def orders() -> AsyncIterator[list[str]]:
    """Yield the words of each line that this process is given, until there are no more."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line.decode().split()


def say(answer: object) -> None:
    """Answer an order."""
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.flush()


class Child:
    """A process that runs a module of *package*, and what it says."""

    def __init__(self, module: str, *arguments: str, package: str = "benchmarks.fanout") -> None:
        command = [sys.executable, "-m", f"{package}.{module}", *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ready = self._answer()

    def ask(self, *words: object) -> Any:
        """Give an order and return the answer to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._process.args!r} ended with {self._process.wait()}")
        return msgspec.json.decode(line)

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
