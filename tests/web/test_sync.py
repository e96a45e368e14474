"""The stream's slower kin: the changes after a position, and the whole datafile."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
import zstandard

from pennon.model.codec import decode_snapshot
from pennon.model.messages import Message
from pennon.model.position import ACCESS, Position
from pennon.relay.run import frame_of
from pennon.relay.sse import SseParser
from pennon.relay.upstream import message_of
from tests.builders.relay import SHOP, a_change, a_position, a_secret, a_snapshot, some_flags
from tests.builders.web import CLIENT, RELAY, SERVER, SHOP_RELAY, ANode, ask

STAGING = "shop/staging"
DATAFILE = f"/sync/v1/datafile?environment={SHOP}"


def changes(position: Position | str) -> str:
    return f"/sync/v1/changes?environment={SHOP}@{position}"


def a_node() -> ANode:
    """Return a node that began at version 4 and stands at version 6."""
    node = ANode(a_snapshot(4, some_flags(3)))
    for version in (5, 6):
        node.replicas.open(SHOP).apply(a_change(version))
    return node


def messages(body: bytes) -> list[Message | None]:
    return [message_of(event) for event in SseParser().feed(body)]


class TestChanges:
    @pytest.mark.parametrize(("since", "versions"), [(4, (5, 6)), (5, (6,)), (6, ()), (9, ())])
    async def test_after(self, since: int, versions: tuple[int, ...]) -> None:
        """The messages after a position, and then the end; none for one that is ahead."""
        answer = await a_node().get(changes(a_position(since)))

        assert answer.status == 200
        assert answer.headers["content-type"] == "text/event-stream"
        assert messages(answer.body) == [a_change(version) for version in versions]

    @pytest.mark.parametrize("since", [a_position(3), a_position(6, epoch=0)])
    async def test_gone(self, since: Position) -> None:
        """What is kept no longer, or of an older epoch, is gone."""
        assert (await a_node().get(changes(since))).status == 410

    async def test_history(self) -> None:
        """A node with a log answers from that."""

        class Log:
            async def between(self, name: str, start: Position, end: Position) -> bytes | None:
                return frame_of(a_change(4))

        answer = await ANode(a_snapshot(4), history=Log()).get(changes(a_position(3)))

        assert messages(answer.body) == [a_change(4)]

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            (f"/sync/v1/changes?environment={SHOP}", 400),
            ("/sync/v1/changes", 400),
            (changes("nonsense"), 400),
            (f"{changes(a_position(4))}&environment={ACCESS}@{a_position(1)}", 400),
            (f"/sync/v1/changes?environment=shop/gone@{a_position(1)}", 404),
            (f"/sync/v1/changes?environment={STAGING}@{a_position(1)}", 503),
            ("/sync/v1/changes?" + "&".join(["x=1"] * 1001), 400),
        ],
    )
    async def test_refused(self, path: str, status: int) -> None:
        """One environment and a position are needed."""
        node = ANode(a_snapshot(4), environments=(SHOP, STAGING))

        assert (await node.get(path)).status == status


class TestDatafile:
    async def test_envelope(self) -> None:
        """The datafile is the envelope that a full sync carries, with its position as tag."""
        answer = await a_node().get(DATAFILE)

        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["etag"] == f'"{a_position(6)}"'
        assert decode_snapshot(answer.body).position == a_position(6)

    @pytest.mark.parametrize(
        ("tag", "status"),
        [
            (f'"{a_position(6)}"', 304),
            (f'W/"{a_position(6)}"', 304),
            (f'"other", "{a_position(6)}"', 304),
            (f'"{a_position(5)}"', 200),
            (f'"{a_position(60)}"', 200),
            (f'"{a_position(6, epoch=2)}"', 200),
        ],
    )
    async def test_not_modified(self, tag: str, status: int) -> None:
        """Who has it already is told so, without it."""
        answer = await a_node().get(DATAFILE, if_none_match=tag)

        assert answer.status == status
        assert answer.headers["etag"] == f'"{a_position(6)}"'
        assert bool(answer.body) is (status == 200)

    @pytest.mark.parametrize(
        ("accepted", "encoding"),
        [
            ("", None),
            ("identity", None),
            ("br", None),
            ("gzip", "gzip"),
            ("gzip, zstd", "zstd"),
            ("GZIP;q=0.5", "gzip"),
            ("zstd;q=0, gzip", "gzip"),
            ("gzip; q=0.0", None),
        ],
    )
    async def test_compressed(self, accepted: str, encoding: str | None) -> None:
        """It is compressed as was asked, and as nothing else."""
        plain = (await a_node().get(DATAFILE)).body
        answer = await a_node().get(DATAFILE, accept_encoding=accepted)
        undo: dict[str | None, Callable[[bytes], bytes]] = {
            None: bytes,
            "gzip": gzip.decompress,
            "zstd": zstandard.ZstdDecompressor().decompress,
        }

        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "accept-encoding"
        assert undo[encoding](answer.body) == plain

    @pytest.mark.parametrize(
        ("environment", "key", "status"),
        [
            (SHOP, None, 401),
            (SHOP, a_secret(99), 401),
            (SHOP, SERVER, 200),
            (SHOP, CLIENT, 403),
            (STAGING, SHOP_RELAY, 403),
            (ACCESS, SERVER, 403),
            (ACCESS, SHOP_RELAY, 200),
            ("shop/gone", RELAY, 404),
            (STAGING, RELAY, 503),
            ("..", RELAY, 400),
        ],
    )
    async def test_who_may(self, environment: str, key: str | None, status: int) -> None:
        """The rules are those of the stream."""
        node = ANode(a_snapshot(4), environments=(SHOP, STAGING))
        answer = await node.get(f"/sync/v1/datafile?environment={environment}", key=key)

        assert answer.status == status

    async def test_head(self) -> None:
        """HEAD tells the tag and no more."""
        headers = {"authorization": f"Bearer {RELAY}"}
        answer = await ask(a_node().app, "HEAD", DATAFILE, headers=headers)

        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["etag"] == f'"{a_position(6)}"'


class TestEnvironments:
    @pytest.mark.parametrize(
        ("key", "opened"),
        [(RELAY, [SHOP, STAGING]), (SERVER, [SHOP, STAGING]), (SHOP_RELAY, [SHOP])],
    )
    async def test_granted(self, key: str, opened: list[str]) -> None:
        """A key that opens all opens what there is; they are named in order."""
        node = ANode(a_snapshot(4), environments=(STAGING, SHOP))
        answer = await node.get("/sync/v1/environments", key=key)

        assert answer.json() == {"environments": opened}

    @pytest.mark.parametrize(("key", "status"), [(None, 401), (a_secret(99), 401), (CLIENT, 403)])
    async def test_who_may(self, key: str | None, status: int) -> None:
        """Who may hold definitions may know what there is to hold."""
        assert (await a_node().get("/sync/v1/environments", key=key)).status == status
