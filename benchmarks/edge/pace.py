"""
Open-loop load: requests at moments drawn beforehand, whether or not the last ones are answered.

A latency is counted from the moment at which the request was due. A generator that waits for an
answer before it asks again would leave out the very requests that had to wait; this one leaves
none out. It polls without sleeping, on a core of its own, and tells how late it was itself.
"""

from __future__ import annotations

import random
import select
import socket
import time
from collections import deque
from contextlib import ExitStack, closing
from typing import Final, NamedTuple

from benchmarks.edge.servers import Ask

CONNECTIONS: Final = 32
_PATIENCE: Final = 10.0
_SEED: Final = 1


class Paced(NamedTuple):
    """Milliseconds from when requests were due until their answers were there, and until sent."""

    p50: float
    p99: float
    late_p99: float
    sent: int


class _Line:
    """A connection, and when the request was due that it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._answer = b""

    def close(self) -> None:
        """End the connection."""
        self.socket.close()

    def whole(self) -> bool:
        """Read what is there; return whether that was the last of an answer."""
        self._answer += self.socket.recv(1 << 18)
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return False
        if head[9:12] not in (b"200", b"304"):
            raise SystemExit(head.decode("latin-1"))
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length or b"0"):
            return False
        self._answer = b""
        return True


def pace(port: int, ask: Ask, rate: float, seconds: float) -> Paced:
    """Ask *rate* times a second on average, at moments as independent clients would choose."""
    with ExitStack() as opened:
        lines = [opened.enter_context(closing(_Line(port))) for _ in range(CONNECTIONS)]
        poll = opened.enter_context(select.epoll())
        return _pace(lines, poll, _bytes_of(ask), rate, seconds)


def _pace(
    lines: list[_Line], poll: select.epoll, request: bytes, rate: float, seconds: float
) -> Paced:
    by_number = {line.socket.fileno(): line for line in lines}
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    free, waits, late = deque(lines), list[float](), list[float]()
    moments = deque(_moments(rate, seconds))
    count, start = len(moments), time.perf_counter() + 0.05
    while len(waits) < count:
        now = time.perf_counter() - start
        while moments and free and moments[0] <= now:
            line = free.popleft()
            line.due = moments.popleft()
            late.append(now - line.due)
            line.socket.sendall(request)
            now = time.perf_counter() - start
        for number, _ in poll.poll(0):
            line = by_number[number]
            if line.whole():
                waits.append(time.perf_counter() - start - line.due)
                free.append(line)
        if now > seconds + _PATIENCE:
            raise SystemExit(f"{count - len(waits)} of {count} requests were not answered.")
    return Paced(_at(waits, 0.5), _at(waits, 0.99), _at(late, 0.99), count)


def _moments(rate: float, seconds: float) -> list[float]:
    draw = random.Random(_SEED)
    moments = [draw.expovariate(rate)]
    while moments[-1] < seconds:
        moments.append(moments[-1] + draw.expovariate(rate))
    return moments


def _bytes_of(ask: Ask) -> bytes:
    headers = {"Host": "127.0.0.1", **ask.headers, "Content-Length": str(len(ask.body))}
    lines = [f"POST {ask.path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + ask.body


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1e3
