"""The bare server over real sockets: what a client may do, and what it may not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from pennon.web import server
from pennon.web.bare import BareServer
from pennon.web.bare.limits import Limits
from pennon.web.client_address import Proxies
from pennon.web.handler import Answer, Request, Response, Stream
from tests.builders.web import Said

NUMBERS = (b"0", b"1", b"2")
SMALL = Limits(head_bytes=1024, body_bytes=2048, connections=4)
PATIENCE = 5.0


class Clock:
    """A clock that goes when it is told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Client:
    """A socket that says exactly what it is given."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def read(self, count: int) -> bytes:
        """Return exactly *count* bytes."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.readexactly(count)

    async def response(self) -> tuple[int, dict[str, str], bytes]:
        """Return one answer that has a length."""
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
            status, headers = _head(head)
            body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return status, headers, body

    async def rest(self) -> bytes:
        """Return all that comes until the server closes."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self._reader.read()
            except ConnectionResetError:
                return b""

    def leave(self) -> None:
        self._writer.transport.abort()

    def say_no_more(self) -> None:
        """Close this side, and read on."""
        self._writer.write_eof()


def _head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(first.split(" ")[1]), headers


def echo(request: Request) -> Response:
    """Answer what was understood."""
    text = f"{request.method} {request.path} {request.query} {request.body.decode('latin-1')}"
    return Response(body=text.encode())


def keys(request: Request) -> Response:
    """Answer the key that was given."""
    return Response(body=request.headers["x-api-key"].encode())


class Serving:
    """A bare server on loopback, and clients of it."""

    def __init__(self, bare: BareServer, port: int, clock: Clock) -> None:
        self.bare, self._port, self.clock = bare, port, clock
        self._clients: list[Client] = []

    async def client(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self._port))
        self._clients.append(client)
        return client

    async def until(self, holds: Callable[[], bool]) -> None:
        """Let the event loop run until *holds*."""
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110  # the state of a socket has no event
                await asyncio.sleep(0.001)

    def leave(self) -> None:
        for client in self._clients:
            client.leave()


@asynccontextmanager
async def serving(
    answer: Callable[[Request], Answer | Awaitable[Answer]] = echo,
    limits: Limits = SMALL,
    **more: Any,
) -> AsyncIterator[Serving]:
    """Serve *answer* for the length of a block."""
    clock = Clock()
    bare = BareServer(answer, limits, now=clock, tick=0.001, **more)
    bound = server.bind("127.0.0.1", 0)
    async with bare.listening(bound):
        served = Serving(bare, bound.getsockname()[1], clock)
        try:
            yield served
        finally:
            served.leave()
            await bare.drain(1)


class TestRequests:
    async def test_one(self) -> None:
        """A request is understood: method, decoded path, raw query, body."""
        async with serving() as served:
            client = await served.client()
            await client.send(
                b"POST /a%20b?x=%20 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
            )
            status, headers, body = await client.response()

            assert (status, body) == (200, b"POST /a b x=%20 hi")
            assert "date" in headers

    async def test_absolute_form(self) -> None:
        """A request line as proxies send it names the same path."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"GET http://edge.example/p?q=1 HTTP/1.1\r\nHost: x\r\n\r\n")

            assert (await client.response())[2] == b"GET /p q=1 "

    @pytest.mark.parametrize(
        ("sent", "path"),
        [
            ("/flags/caf%C3%A9", "/flags/café"),
            ("/flags/café", "/flags/café"),
            ("/flags/%63afé", "/flags/café"),
            ("http://edge.example/é", "/é"),
        ],
    )
    async def test_paths_beyond_ascii(self, sent: str, path: str) -> None:
        """A path may be percent-encoded or as it was typed."""
        async with serving(lambda request: Response(body=request.path.encode())) as served:
            client = await served.client()
            await client.send(f"GET {sent} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

            assert (await client.response())[2].decode() == path

    async def test_two_hosts(self) -> None:
        """Of a request for two hosts, nodes on its way might each believe another."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n")

            assert (await client.response())[0] == 400

    async def test_a_path_beyond_ascii_behind_another(self) -> None:
        """Where a request does not stand alone, one is told how to write its path."""
        async with serving() as served:
            client = await served.client()
            await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /é HTTP/1.1\r\n\r\n".encode())
            answer = await client.rest()

            assert b"GET /a  " in answer
            assert b"percent-encoded" in answer

    async def test_byte_by_byte(self) -> None:
        """Where the cuts fall changes nothing."""
        async with serving() as served:
            client = await served.client()
            for byte in b"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi":
                await client.send(bytes([byte]))

            assert (await client.response())[2] == b"POST /p  hi"

    async def test_chunked_body(self) -> None:
        """A body may come in chunks, without a length."""
        async with serving() as served:
            client = await served.client()
            await client.send(
                b"POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"2\r\nhi\r\n3\r\n yo\r\n0\r\n\r\n"
            )

            assert (await client.response())[2] == b"POST /p  hi yo"

    async def test_keep_alive_and_pipelining(self) -> None:
        """Requests of one connection are answered in their order, however they arrive."""
        async with serving() as served:
            client = await served.client()
            await client.send(
                b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(50))
            )

            assert [(await client.response())[2] for _ in range(50)] == [
                b"GET /%d  " % n for n in range(50)
            ]

    async def test_order_holds_while_one_takes_its_time(self) -> None:
        """A pipelined request waits for a slower one before it."""
        release = asyncio.Event()

        def answer(request: Request) -> Answer | Awaitable[Answer]:
            async def later() -> Answer:
                await release.wait()
                return echo(request)

            return later() if request.path == "/slow" else echo(request)

        async with serving(answer) as served:
            client = await served.client()
            await client.send(
                b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /fast HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            release.set()

            assert (await client.response())[2] == b"GET /slow  "
            assert (await client.response())[2] == b"GET /fast  "

    async def test_head(self) -> None:
        """HEAD gets the length of the body and not the body."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"HEAD /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = await client.rest()

            assert answer.endswith(b"\r\n\r\n")
            assert b"content-length: 9" in answer

    async def test_expect_continue(self) -> None:
        """A client that waits for leave to send its body gets it."""
        async with serving() as served:
            client = await served.client()
            await client.send(
                b"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
            )
            leave = b"HTTP/1.1 100 Continue\r\n\r\n"
            assert await client.read(len(leave)) == leave
            await client.send(b"hi")

            assert (await client.response())[2] == b"POST /p  hi"

    async def test_upgrade_is_declined(self) -> None:
        """A client that offers another protocol is answered in this one, and that is all."""
        async with serving() as served:
            client = await served.client()
            await client.send(
                b"GET /p HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
                b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            answer = await client.rest()

            assert answer.endswith(b"GET /p  ")
            assert answer.count(b"HTTP/1.1 ") == 1

    async def test_close_is_honoured(self) -> None:
        """A client that asks for it has its connection closed after the answer."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"GET /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

            assert b"connection: close" in await client.rest()

    async def test_http_1_0(self) -> None:
        """An old client needs no Host and gets no chunks."""
        async with serving(lambda request: Stream(feed=Said(NUMBERS[:2]))) as served:
            client = await served.client()
            await client.send(b"GET /p HTTP/1.0\r\n\r\n")
            answer = await client.rest()

            assert b"chunked" not in answer
            assert answer.endswith(b"\r\n\r\n01")


REFUSED = {
    "length and chunks": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
    ),
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        400,
    ),
    "a length that is none": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n", 400),
    "an encoding after chunked": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        400,
    ),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    "a bad chunk": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        400,
    ),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "another protocol": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a handshake of TLS": (bytes.fromhex("160301020001000001fc0303"), 400),
    "another expectation": (b"GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417),
    "a long head": (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 1025 + b"\r\n\r\n", 431),
    "a long target": (b"GET /" + b"a" * 1025 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200, 431),
    "a large body": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2049\r\n\r\n", 413),
    "a large body in chunks": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" + b"a" * 0xFFF,
        413,
    ),
}


LARGE = Limits(body_bytes=2048)


class TestRefusals:
    async def test_in_the_words_of_the_route(self) -> None:
        """Whoever is refused before a handler is asked reads it as the route would say it."""
        told: list[tuple[str, str | None]] = []

        def refuse(request: Request, error: Exception) -> Response:
            told.append((f"{request.method} {request.path}", request.headers.get("origin")))
            return Response(status=413, headers=(("x", "y"),), body=b"too much")

        async with serving(refuse=refuse) as served:
            client = await served.client()
            await client.send(
                b"POST /a%20b HTTP/1.1\r\nHost: x\r\nOrigin: o\r\nContent-Length: 9999\r\n\r\n"
            )
            answer = await client.rest()

        assert answer.endswith(b"too much")
        assert told == [("POST /a b", "o")]

    async def test_can_be_read(self) -> None:
        """Who is still sending when it is refused is not cut off: it could not read why."""
        async with serving(limits=LARGE) as served:
            client = await served.client()
            await client.send(
                b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n" + b"a" * 10_000
            )
            answer = await client.rest()
            with suppress(ConnectionError):
                await client.send(b"a" * 1_000_000)

            assert answer.startswith(b"HTTP/1.1 413 ")
            served.clock.seconds += LARGE.linger_seconds + 1
            await served.until(lambda: served.bare.connections == 0)

    async def test_a_trailer(self) -> None:
        """What follows a body in chunks is no header of the request."""
        async with serving(keys) as served:
            client = await served.client()
            await client.send(
                b"POST / HTTP/1.1\r\nHost: x\r\nX-API-Key: mine\r\nTransfer-Encoding: chunked\r\n"
                b"\r\n0\r\nX-API-Key: other\r\n\r\n"
            )

            assert (await client.response())[2] == b"mine"

    async def test_blanks_around_a_length(self) -> None:
        """Blanks around a value are not a part of it."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \t2 \t\r\n\r\nhi")

            assert (await client.response())[2] == b"POST /  hi"

    async def test_one_address(self) -> None:
        """One address that holds all that it may is told so."""
        limits = Limits(connections_per_address=2)
        async with serving(limits=limits, proxies=Proxies(())) as served:
            for _ in range(2):
                await served.client()
            await served.until(lambda: served.bare.connections == 2)
            answer = await (await served.client()).rest()
            served.leave()
            await served.until(lambda: served.bare.connections == 0)
            again = await served.client()
            await again.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n")

            assert answer.startswith(b"HTTP/1.1 429 ")
            assert (await again.response())[0] == 200
            assert served.bare.refused == 1

    async def test_a_proxy_is_many(self) -> None:
        """The connections of a trusted proxy are not counted as one client's."""
        async with serving(limits=Limits(connections_per_address=1)) as served:
            for _ in range(3):
                await served.client()
            await served.until(lambda: served.bare.connections == 3)

            assert served.bare.refused == 0

    @pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=REFUSED.keys())
    async def test_refused(self, sent: bytes, status: int) -> None:
        """What could be read in two ways, or is too much, is refused and the connection ends."""
        async with serving() as served:
            client = await served.client()
            await client.send(sent)
            answer = await client.rest()

            assert answer.startswith(b"HTTP/1.1 %d " % status)
            assert answer.count(b"HTTP/1.1 ") == 1
            assert b"connection: close" in answer
            assert b"application/problem+json" in answer

    async def test_what_came_before_is_answered(self) -> None:
        """A good request is answered also when the next one is refused."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"GET /good HTTP/1.1\r\nHost: x\r\n\r\nrubbish\r\n\r\n")
            answer = await client.rest()

            assert b"GET /good" in answer
            assert b"HTTP/1.1 400 " in answer

    async def test_too_many_connections(self) -> None:
        """One client too many is told to come back later; the others are served."""
        async with serving() as served:
            clients = [await served.client() for _ in range(4)]
            await served.until(lambda: served.bare.connections == 4)
            late = await served.client()

            answer = await late.rest()

            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: 5" in answer
            await clients[0].send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await clients[0].response())[0] == 200

    async def test_mutated_requests(self) -> None:
        """Ten thousand mutated bytes later the server still answers, and never with a 5xx."""
        seed = random.Random(8620)
        whole = (
            b"POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
            b"Connection: keep-alive\r\n\r\nbody"
        )
        async with serving() as served:
            for _ in range(300):
                mutated = bytearray(whole)
                for _ in range(seed.randrange(1, 30)):
                    mutated[seed.randrange(len(mutated))] = seed.randrange(256)
                client = await served.client()
                await client.send(bytes(mutated) + b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
                served.clock.seconds += 1000
                answer = await client.rest()
                client.leave()

                assert b"HTTP/1.1 5" not in answer.replace(b"HTTP/1.1 505", b"")


def big(request: Request) -> Response:
    """Answer more than a socket takes at once."""
    return Response(body=b"x" * 100_000)


class TestTurns:
    async def test_requests_that_were_sent_ahead(self) -> None:
        """One client's thousand requests do not keep another's one waiting."""
        asked: list[str] = []

        def answer(request: Request) -> Response:
            asked.append(request.path)
            return Response()

        async with serving(answer, Limits()) as served:
            greedy, other = await served.client(), await served.client()
            await served.until(lambda: served.bare.connections == 2)
            await greedy.send(b"GET /greedy HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
            await other.send(b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
            await served.until(lambda: len(asked) == 1001)

            assert asked.index("/other") < 200

    async def test_a_client_that_has_said_all(self) -> None:
        """Who closes its side after many requests has each answered, and then the end."""
        async with serving(limits=Limits()) as served:
            client = await served.client()
            await client.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
            client.say_no_more()
            answer = await client.rest()

        assert answer.count(b"HTTP/1.1 200 ") == 500

    async def test_a_client_that_has_said_all_and_waits(self) -> None:
        """Who closes its side while its answer takes its time still has it, and then the end."""
        asked, known = asyncio.Event(), asyncio.Event()

        async def later(request: Request) -> Response:
            asked.set()
            await known.wait()
            return echo(request)

        async with serving(later) as served:
            client = await served.client()
            await client.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n")
            client.say_no_more()
            await asked.wait()
            rest = asyncio.create_task(client.rest())
            await asyncio.wait((rest,), timeout=0.05)
            known.set()

            assert (await rest).endswith(b"GET /p  ")

    async def test_a_fault_behind_many(self) -> None:
        """A fault is told of in its turn, behind the answers to all before it."""
        async with serving(limits=Limits()) as served:
            client = await served.client()
            await client.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n" * 500 + b"rubbish\r\n\r\n")
            answer = await client.rest()

        assert answer.count(b"HTTP/1.1 200 ") == 500
        assert answer.rpartition(b"HTTP/1.1 ")[2].startswith(b"400 ")

    async def test_a_client_that_reads_late(self) -> None:
        """A client that does not read is waited for, and has all its answers in the end."""
        async with serving(big, Limits(buffer_bytes=10_000)) as served:
            client = await served.client()
            await client.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n" * 300)
            sizes = [len((await client.response())[2]) for _ in range(300)]

        assert sizes == [100_000] * 300


class TestUnfinished:
    LIMITS = Limits(unfinished_bytes=100_000)

    async def test_too_much(self) -> None:
        """What is kept of half requests is bounded for all together; whole ones are served."""
        async with serving(limits=self.LIMITS) as served:
            half = [await served.client() for _ in range(3)]
            for client in half:
                await client.send(
                    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + b"h" * 40_000
                )
            refused = await half[2].rest()
            whole = await served.client()
            await whole.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n")

            assert refused.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: 5" in refused
            assert (await whole.response())[0] == 200

    async def test_room_again(self) -> None:
        """What was finished, or given up, is kept no longer."""
        async with serving(limits=self.LIMITS) as served:
            for ends in (True, False, True, False, True):
                client = await served.client()
                await client.send(
                    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 80000\r\n\r\n" + b"h" * 60_000
                )
                await served.until(lambda: served.bare.unfinished.total > 60_000)
                if ends:
                    await client.send(b"h" * 20_000)

                    assert (await client.response())[0] == 200
                client.leave()
                await served.until(lambda: served.bare.unfinished.total == 0)


class TestTimes:
    async def test_a_body_that_dribbles(self) -> None:
        """Who sent its head in time has a time for the body, and no more."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"POST / HTTP/1.1\r\nHost: x\r\n")
            served.clock.seconds += SMALL.head_seconds - 1
            await client.send(b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            await client.read(len(b"HTTP/1.1 100 Continue\r\n\r\n"))
            served.clock.seconds += SMALL.body_seconds - 1
            await client.send(b"h")
            served.clock.seconds += 2

            assert b"HTTP/1.1 408 " in await client.rest()

    async def test_many_that_dribble(self) -> None:
        """Any number of half requests keep nobody from being served."""
        async with serving(limits=Limits()) as served:
            half = [await served.client() for _ in range(300)]
            for client in half:
                await client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nh")
            late = await served.client()
            for number in range(3):
                served.clock.seconds += 5
                for client in half:
                    with suppress(ConnectionError):
                        await client.send(b"h")
                await late.send(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number)

                assert (await late.response())[2] == b"GET /%d  " % number
            served.clock.seconds += 5
            told = [await client.rest() for client in half]
            served.clock.seconds += 5
            await served.until(lambda: served.bare.connections <= 1)

            assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in told)

    async def test_a_dribbling_client(self) -> None:
        """A request that does not become whole in time is ended with 408."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\nA: ")
            with suppress(ConnectionError):
                for _ in range(2 * int(SMALL.head_seconds)):
                    await client.send(b"a")
                    served.clock.seconds += 1
                    await asyncio.sleep(0.005)
            await served.until(lambda: served.bare.connections == 0)

    async def test_a_client_that_stops_half_way(self) -> None:
        """It is told why its connection ends."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /")
            await client.response()
            served.clock.seconds += SMALL.head_seconds + 1

            assert b"HTTP/1.1 408 " in await client.rest()

    async def test_an_idle_client(self) -> None:
        """A connection that asks nothing is closed without a word."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await client.response()
            served.clock.seconds += SMALL.idle_seconds + 1

            assert await client.rest() == b""


class TestStreams:
    async def test_chunks(self) -> None:
        """A stream is chunked, and the connection serves another request after it."""
        async with serving(lambda request: Stream(feed=Said(NUMBERS))) as served:
            client = await served.client()
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
            both = b"1\r\n0\r\n1\r\n1\r\n1\r\n2\r\n0\r\n\r\n"
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = await client.rest()

            assert answer.count(both) == 3

    async def test_a_client_that_leaves(self) -> None:
        """The feed of a stream is told when its client is gone."""
        feed = Said([b"here"], then_wait=True)
        async with serving(lambda request: Stream(feed=feed)) as served:
            client = await served.client()
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await served.until(lambda: served.bare.connections == 1)
            await client.read(10)
            client.leave()
            async with asyncio.timeout(PATIENCE):
                await feed.closed.wait()

            assert feed.closed.is_set()

    async def test_a_stream_that_fails(self) -> None:
        """A feed that raises ends the connection, without what would say that all is told."""
        feed = Said([b"here", RuntimeError("gone")])
        async with serving(lambda request: Stream(feed=feed)) as served:
            client = await served.client()
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await client.rest()

            assert not answer.endswith(b"0\r\n\r\n")
            assert feed.closed.is_set()

    async def test_a_client_that_takes_nothing(self) -> None:
        """A stalled client pauses its own stream, and is let go when it stays so."""
        written = 0

        def flood() -> Iterator[bytes]:
            nonlocal written
            while True:
                written += 1
                yield b"x" * 65536

        async with serving(lambda request: Stream(feed=Said(flood()))) as served:
            client = await served.client()
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await served.until(lambda: written > 1)
            before = -1
            while before != written:
                before = written
                await asyncio.sleep(0.02)
            served.clock.seconds += SMALL.stall_seconds + 1
            await served.until(lambda: served.bare.connections == 0)

            assert written * 65536 < 64 * 1024 * 1024

    async def test_views(self) -> None:
        """A view of something large is a chunk like any other."""
        whole = memoryview(b"0123456789")
        feed = Said([whole[:4], whole[4:]])
        async with serving(lambda request: Stream(feed=feed)) as served:
            client = await served.client()
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

            assert b"4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n" in await client.rest()

    async def test_what_was_asked_meanwhile(self) -> None:
        """A request that came while a stream was open is answered after it."""
        feed = Said([b"here"], then_wait=True)

        def answer(request: Request) -> Answer:
            return Stream(feed=feed) if request.path == "/stream" else echo(request)

        async with serving(answer) as served:
            client = await served.client()
            await client.send(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            await client.read(10)
            await client.send(b"GET /after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            await asyncio.sleep(0)
            feed.end()

            assert b"GET /after" in await client.rest()


class TestDraining:
    async def test_what_is_under_way_is_finished(self) -> None:
        """Idle connections end once their grace is over, the others with their answer."""
        begun, release = asyncio.Event(), asyncio.Event()

        async def answer(request: Request) -> Answer:
            begun.set()
            await release.wait()
            return echo(request)

        async with serving(answer) as served:
            idle, busy = await served.client(), await served.client()
            await busy.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n")
            await begun.wait()
            await served.until(lambda: served.bare.connections == 2)
            draining = asyncio.create_task(served.bare.drain(PATIENCE, grace=0))

            assert await idle.rest() == b""
            release.set()
            assert b"connection: close" in await busy.rest()
            await draining

    async def test_a_request_within_the_grace_is_answered(self) -> None:
        """A connection that was idle when the drain began is told by its next answer."""
        async with serving() as served:
            client = await served.client()
            await served.until(lambda: served.bare.connections == 1)
            draining = asyncio.create_task(served.bare.drain(PATIENCE * 2, grace=PATIENCE))
            await served.until(lambda: served.bare.draining)
            await client.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n")
            answered = await client.rest()
            await draining

        assert answered.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answered

    async def test_what_has_just_arrived_is_answered(self) -> None:
        """A request that lies in the socket when its connection's time is over is not reset."""
        async with serving() as served:
            client = await served.client()
            await served.until(lambda: served.bare.connections == 1)
            await client.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n")
            await served.bare.drain(PATIENCE, grace=0)  # begins before anything was read

            assert (await client.rest()).startswith(b"HTTP/1.1 200")

    async def test_a_request_half_sent_is_waited_for(self) -> None:
        """A slow client may finish what it was saying."""
        async with serving() as served:
            client = await served.client()
            await client.send(b"GET /p HTTP/1.1\r\n")
            await served.until(lambda: served.bare.connections == 1)
            await asyncio.sleep(0)
            draining = asyncio.create_task(served.bare.drain(PATIENCE, grace=0))
            await served.until(lambda: served.bare.draining)
            await client.send(b"Host: x\r\n\r\n")

            assert (await client.rest()).startswith(b"HTTP/1.1 200")
            await draining

    async def test_what_was_sent_ahead_is_answered(self) -> None:
        """Of requests sent at once, the last answer is the one that says that it is."""
        release = asyncio.Event()

        async def answer(request: Request) -> Answer:
            await release.wait()
            return echo(request)

        async with serving(answer) as served:
            client = await served.client()
            await client.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
            await served.until(lambda: served.bare.connections == 1)
            draining = asyncio.create_task(served.bare.drain(PATIENCE))
            await served.until(lambda: served.bare.draining)
            release.set()
            answered = await client.rest()
            await draining

        assert answered.count(b"HTTP/1.1 200") == 3
        assert answered.count(b"connection: close") == 1

    async def test_it_has_an_end(self) -> None:
        """A client that never finishes keeps nobody longer than the drain may last."""

        async def answer(request: Request) -> Answer:
            return await asyncio.Future()

        async with serving(answer) as served:
            client = await served.client()
            await client.send(b"GET /p HTTP/1.1\r\nHost: x\r\n\r\n")
            await served.until(lambda: served.bare.connections == 1)
            await served.bare.drain(0.01)

            assert await client.rest() == b""
