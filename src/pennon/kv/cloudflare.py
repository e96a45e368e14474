"""
Datafiles in Cloudflare's KV, through its REST API: what workers there fall back to.

A value is the envelope as JSON, since that is what a worker can read; its position stands in the
value's metadata, so that it is known without reading it all. KV takes one write a second of a
key, which is the publisher's pace, and has no compare-and-set: of two origins that write in one
moment the older may win, until the publisher's next look puts it right.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx2
import msgspec

from pennon.errors import BadInput
from pennon.kv.cloudflare_address import CloudflareAddress
from pennon.model.codec import decode, decode_snapshot, encode_snapshot
from pennon.model.flag import Wire
from pennon.model.messages import Snapshot
from pennon.model.position import Position

T = TypeVar("T")

log = logging.getLogger(__name__)

API: Final = "https://api.cloudflare.com"
MOST_BYTES: Final = 25 * 1024 * 1024
"""The largest value that KV takes."""
_PAGE: Final = 1_000
_SECONDS: Final = 10.0


class _Metadata(Wire, frozen=True, kw_only=True):
    position: str = ""


class _MetadataAnswer(Wire, frozen=True, kw_only=True):
    result: _Metadata | None = None


class _Key(Wire, frozen=True, kw_only=True):
    name: str
    metadata: _Metadata | None = None


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    cursor: str = ""


class _KeysAnswer(Wire, frozen=True, kw_only=True):
    result: tuple[_Key, ...] = ()
    result_info: _Page = msgspec.field(name="result_info", default=_Page())


class CloudflareDatafiles:
    """
    A `SharedStore` over one namespace of KV.

    `refused` counts values that could not be trusted, `written` the bytes that were written.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        address: CloudflareAddress,
        token: str,
        api: str = API,
    ) -> None:
        self._client = client
        self._url = f"{api}/client/v4/accounts/{address.account}/storage/kv/namespaces"
        self._url += f"/{address.namespace}"
        self._headers = {"authorization": f"Bearer {token}"}
        self.refused = 0
        self.written = 0

    async def load(self, environment: str) -> Snapshot | None:
        """Return the datafile kept for *environment* if there is one that can be trusted."""
        try:
            value = await self._get(f"/values/{_key(environment)}")
            return None if value is None else await asyncio.to_thread(decode_snapshot, value)
        except BadInput as error:
            self.refused += 1
            log.error("datafile_refused", extra={"environment": environment, "reason": str(error)})
        except OSError as error:
            log.warning("l3_unreachable", extra={"reason": str(error)})
        return None

    async def save(self, snapshot: Snapshot) -> None:
        """Keep *snapshot*, unless KV is known to hold a newer position. Raises OSError."""
        kept = await self.position(snapshot.environment)
        if kept is not None and kept > snapshot.position:
            return
        value = await asyncio.to_thread(encode_snapshot, snapshot)
        if len(value) > MOST_BYTES:
            raise OSError(f"{snapshot.environment} takes {len(value)} bytes, more than KV holds")
        metadata = msgspec.json.encode(_Metadata(position=str(snapshot.position)))
        await self._ask(
            "PUT",
            f"/values/{_key(snapshot.environment)}",
            files={"value": (None, value), "metadata": (None, metadata)},
        )
        self.written += len(value)

    async def position(self, environment: str) -> Position | None:
        """Return the position that is kept for *environment*. Raises OSError."""
        body = await self._get(f"/metadata/{_key(environment)}")
        if body is None:
            return None
        return _position_in(_read(body, _MetadataAnswer).result)

    async def survey(self, environments: Collection[str]) -> dict[str, Position]:
        """
        Return the positions of those *environments* that are kept. Raises OSError.

        KV replaces a value wholly or not at all, so that what is there is whole.
        """
        wanted, found, cursor = frozenset(environments), dict[str, Position](), ""
        while True:
            after = f"&cursor={quote(cursor, safe='')}" if cursor else ""
            body = await self._get(f"/keys?limit={_PAGE}{after}")
            answer = _read(body or b"{}", _KeysAnswer)
            for key in answer.result:
                position = _position_in(key.metadata)
                if key.name in wanted and position is not None:
                    found[key.name] = position
            cursor = answer.result_info.cursor
            if not cursor:
                return found

    async def until_back(self, seen: int) -> int:
        """Return once: nobody tells when an API can be reached again."""
        return 1 if seen == 0 else await asyncio.Future[int]()

    async def _get(self, path: str) -> bytes | None:
        """Return the answer's body, None where there is no such value. Raises OSError."""
        return await self._ask("GET", path)

    async def _ask(self, method: str, path: str, **more: Any) -> bytes | None:
        try:
            answer = await self._client.request(
                method, self._url + path, headers=self._headers, timeout=_SECONDS, **more
            )
        except httpx2.HTTPError as error:
            raise OSError(f"Cloudflare cannot be asked: {error!r}") from None
        if answer.status_code == 404 and method == "GET":
            return None
        if not answer.is_success:
            raise OSError(f"Cloudflare answered {answer.status_code}: {answer.text[:200]}")
        return answer.content


def _key(environment: str) -> str:
    return quote(environment, safe="")


def _read(body: bytes, type: type[T]) -> T:
    try:
        return decode(body, type)
    except BadInput as error:
        raise OSError(f"Cloudflare answered something else: {error}") from None


def _position_in(metadata: _Metadata | None) -> Position | None:
    """Return the position; None where somebody else has written the value."""
    try:
        return None if metadata is None else Position.parse(metadata.position)
    except BadInput:
        return None
