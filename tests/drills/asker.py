"""
One client of an edge that keeps its connection and asks all that a client may ask, in turn.

It writes HTTP by hand: a client's library would take more of the machine than the edge does.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from msgspec import json

from pennon.model.position import Position

FLAGS: Final = "/ofrep/v1/evaluate/flags"
_PATIENCE_SECONDS: Final = 20.0
_PAUSE_SECONDS: Final = 0.002
_VISITORS: Final = 1_000_000


class Keys(NamedTuple):
    """With what an edge is asked."""

    server: str
    client: str


class Answer(NamedTuple):
    """What came back; a stream has no body here."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Asker:
    """Asks for as long as it is let; `asked` counts questions by kind, `wrong` says what was."""

    def __init__(self, port: int, keys: Keys, seed: int) -> None:
        self._port, self._keys, self._random = port, keys, random.Random(seed)
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._seen: Position | None = None
        self.asked: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def run(self) -> None:
        """Ask until cancelled."""
        kinds = (self._single, self._bulk, self._bootstrap, self._unknown, self._malformed)
        rarer = (self._stream, self._refused, self._events)
        try:
            while True:
                often = self._random.random() < 0.97
                kind = (
                    self._random.choices(kinds, (70, 12, 8, 5, 5))[0]
                    if often
                    else self._random.choice(rarer)
                )
                name = kind.__name__.strip("_")
                try:
                    async with asyncio.timeout(_PATIENCE_SECONDS):
                        wrong = await kind()
                except (OSError, EOFError, TimeoutError, ValueError) as error:
                    wrong, self._connection = repr(error), None
                self.asked[name] += 1
                await asyncio.sleep(_PAUSE_SECONDS)
                if wrong:
                    self.wrong.append(f"{name}: {wrong}")
        finally:
            self._hang_up()

    async def _single(self) -> str | None:
        answer = await self._ask(f"{FLAGS}/new-checkout", self._context(), self._keys.server)
        if answer.status != 200 or not isinstance(json.decode(answer.body).get("value"), bool):
            return _told(answer)
        return self._goes_back(answer)

    async def _bulk(self) -> str | None:
        body = self._context()
        answer = await self._ask(FLAGS, body, self._keys.client)
        if answer.status != 200 or not json.decode(answer.body)["flags"]:
            return _told(answer)
        tag = {"if-none-match": answer.headers["etag"]}
        again = await self._ask(FLAGS, body, self._keys.client, tag)
        # 200 when a flag changed in between.
        if again.status not in (200, 304):
            return _told(again)
        return self._goes_back(again)

    async def _bootstrap(self) -> str | None:
        answer = await self._ask("/bootstrap/v1", self._context(), self._keys.client)
        if answer.status != 200 or "flags" not in json.decode(answer.body):
            return _told(answer)
        return None

    async def _unknown(self) -> str | None:
        answer = await self._ask(f"{FLAGS}/no-such-flag", self._context(), self._keys.server)
        return None if answer.status == 404 else _told(answer)

    async def _malformed(self) -> str | None:
        answer = await self._ask(f"{FLAGS}/new-checkout", b'{"context": ', self._keys.server)
        return None if answer.status == 400 else _told(answer)

    async def _refused(self) -> str | None:
        answer = await self._ask(FLAGS, self._context(), f"pnn_srv_{self._random.random()}")
        # Who tries keys is soon refused unheard.
        return None if answer.status in (401, 429) else _told(answer)

    async def _events(self) -> str | None:
        """Tell of something, which is answered once it is kept."""
        told = {**json.decode(self._context()), "events": [{"kind": "custom", "name": "shown"}]}
        answer = await self._ask("/events/v1", json.encode(told), self._keys.client)
        return None if answer.status == 202 else _told(answer)

    async def _stream(self) -> str | None:
        """Open the event stream that a bulk answer names, read of it, and leave."""
        answer = await self._ask(FLAGS, self._context(), self._keys.client)
        path = json.decode(answer.body)["eventStreams"][0]["endpoint"]["requestUri"]
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nhost: edge\r\n\r\n".encode())
            head = await _head(reader)
            if head.status != 200:
                return _told(head)
            await reader.readline()
        finally:
            writer.close()
        return None

    def _context(self) -> bytes:
        """Return a visitor among many, so that what is kept of each would show."""
        visitor = f"visitor-{self._random.randrange(_VISITORS)}"
        plan = self._random.choice(("pro", "free"))
        return json.encode({"context": {"targetingKey": visitor, "plan": plan}})

    def _goes_back(self, answer: Answer) -> str | None:
        """Return what is wrong where a version is older than one that was served before."""
        position = Position.parse(answer.headers["x-pennon-version"])
        before, self._seen = self._seen, position
        return f"{position} after {before}" if before and position < before else None

    async def _ask(
        self, path: str, body: bytes, key: str, headers: Mapping[str, str] | None = None
    ) -> Answer:
        if self._connection is None:
            self._connection = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._connection
        fields = {"authorization": f"Bearer {key}", "content-length": len(body), **(headers or {})}
        lines = [f"POST {path} HTTP/1.1", "host: edge", *(f"{n}: {v}" for n, v in fields.items())]
        writer.write("\r\n".join((*lines, "", "")).encode() + body)
        answer = await _head(reader)
        length = int(answer.headers.get("content-length", 0))
        answer = answer._replace(body=await reader.readexactly(length))
        if answer.headers.get("connection") == "close":
            self._hang_up()
        return answer

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection[1].close()
            self._connection = None


async def _head(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    first, *fields = head.strip().split("\r\n")
    headers: dict[str, Any] = dict(field.split(": ", 1) for field in fields)
    return Answer(int(first.split()[1]), headers, b"")


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:200]!r}"
