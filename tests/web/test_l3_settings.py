"""Where L3 is, as a node is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pennon.errors import BadInput
from pennon.kv.cloudflare import CloudflareDatafiles
from pennon.kv.datafiles import Datafiles
from pennon.kv.nats import NatsDatafiles
from pennon.web.l3 import open_l3
from pennon.web.l3_settings import L3Settings
from tests.builders.relay import SHOP, a_snapshot

CLOUDFLARE_KV = f"cloudflare://{'a' * 32}/{'b' * 32}"


class TestL3Settings:
    @pytest.mark.parametrize(
        ("fields", "option"),
        [
            ({"l3": "http://host"}, "--l3"),
            ({"l3": "nats://"}, "--l3"),
            ({"l3": "nats://user:secret@one,two"}, "--l3"),
            ({"l3": __file__}, "--l3"),
            ({"l3": "cloudflare://x", "cloudflare_token": "secret"}, "--l3"),
            ({"l3": CLOUDFLARE_KV}, "--cloudflare-token"),
            ({"nats_name": "a.b"}, "--nats-name"),
            ({"nats_name": ""}, "--nats-name"),
            ({"nats_creds": Path("/nowhere")}, "--nats-creds"),
            ({"nats_ca": Path("/nowhere")}, "--nats-ca"),
        ],
    )
    def test_faults(self, fields: dict[str, Any], option: str) -> None:
        """Each is told by its option, and no password with it."""
        with pytest.raises(BadInput) as caught:
            L3Settings(**fields)

        assert [fault.path for fault in caught.value.faults] == [option]
        assert "secret" not in str(caught.value)


class TestOpen:
    async def test_nothing(self) -> None:
        """Without an address there is no L3."""
        async with open_l3(L3Settings(), None) as store:
            assert store is None

    async def test_folder(self, tmp_path: Path) -> None:
        """A folder need not be there yet."""
        folder = tmp_path / "l3"
        async with open_l3(L3Settings(l3=str(folder)), str(folder)) as store:
            assert isinstance(store, Datafiles)
            await store.save(a_snapshot(1))

            assert await store.load(SHOP) == a_snapshot(1)

    async def test_cloudflare(self) -> None:
        """An address of Cloudflare's KV opens that; nothing is asked before it is used."""
        settings = L3Settings(l3=CLOUDFLARE_KV, cloudflare_token="secret")
        async with open_l3(settings, CLOUDFLARE_KV) as store:
            assert isinstance(store, CloudflareDatafiles)

    async def test_never_waits(self) -> None:
        """A NATS that is not there keeps nobody from starting, or from stopping."""
        address = "nats://127.0.0.1:1"
        async with open_l3(L3Settings(l3=address), address) as store:
            assert isinstance(store, NatsDatafiles)
            assert await store.load(SHOP) is None
