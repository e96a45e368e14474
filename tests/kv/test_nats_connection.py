"""Getting into NATS, and staying in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pennon.errors import BadInput
from pennon.kv.nats import NatsDatafiles
from pennon.kv.nats_address import NatsAddress
from pennon.kv.nats_connection import NatsConnection
from pennon.kv.nats_credentials import read_credentials
from tests.builders.certificates import a_certificate
from tests.builders.nats import Nats, a_nats
from tests.builders.nats_keys import ACCOUNT, USER, server_settings, write_credentials
from tests.builders.relay import SHOP, a_snapshot


async def lets_in(address: NatsAddress) -> bool:
    """Return whether NATS lets us in, before it was asked a few times in vain."""
    async with NatsConnection(address) as connection:
        async with asyncio.timeout(20):
            while not connection.made and connection.failed < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return connection.made > 0


class TestSecrets:
    async def test_token(self) -> None:
        """A token opens, another does not."""
        with a_nats(extra='authorization { token: "right" }') as nats:
            servers = (nats.url,)

            assert await lets_in(NatsAddress(servers=servers, token="right"))
            assert not await lets_in(NatsAddress(servers=servers, token="wrong"))

    async def test_password_in_the_address(self) -> None:
        """A user and a password may be in the address."""
        with a_nats(extra='authorization { user: "pennon", password: "right" }') as nats:
            address = nats.url.replace("//", "//pennon:right@")

            assert await lets_in(NatsAddress(servers=(address,)))

    async def test_credentials(self, tmp_path: Path) -> None:
        """A file of credentials opens a server that trusts its signer, with the right seed only."""
        with a_nats(extra=server_settings(), jetstream=False) as nats:
            right = write_credentials(tmp_path / "right.creds")
            wrong = write_credentials(tmp_path / "wrong.creds", key=ACCOUNT)

            assert await lets_in(NatsAddress(servers=(nats.url,), credentials=right))
            assert not await lets_in(NatsAddress(servers=(nats.url,), credentials=wrong))

    async def test_are_not_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        """What goes wrong is told without the address."""
        caplog.set_level("DEBUG")

        assert not await lets_in(NatsAddress(servers=("nats://me:secret@127.0.0.1:1",)))
        assert caplog.records
        assert "secret" not in caplog.text + str([vars(record) for record in caplog.records])

    async def test_reading_alone(self) -> None:
        """A user that may only ask for values, and listen for answers, can read L3."""
        with a_nats(extra=READER) as nats:
            writer, reader = (
                NatsAddress(servers=(nats.url.replace("//", f"//{name}:x@"),))
                for name in ("writer", "reader")
            )
            async with NatsConnection(writer) as writing, NatsConnection(reader) as reading:
                async with asyncio.timeout(10):
                    await writing.until_made()
                    await reading.until_made()
                await NatsDatafiles(writing).save(a_snapshot(3))
                found = await NatsDatafiles(reading).load(SHOP)
                with pytest.raises(OSError, match="NATS"):
                    await NatsDatafiles(reading).save(a_snapshot(4))

        assert found == a_snapshot(3)


READER = """authorization { users: [
  { user: writer, password: x },
  { user: reader, password: x, permissions: {
    publish: "$JS.API.DIRECT.GET.KV_pennon.>", subscribe: "_INBOX.>" } },
] }"""


class TestFiles:
    @pytest.mark.parametrize("option", ["--nats-creds", "--nats-ca"])
    async def test_of_another_kind(self, tmp_path: Path, option: str) -> None:
        """A file that could never be used is told at the start, not in a log."""
        file = tmp_path / "file"
        file.write_text("nothing of use")
        address = NatsAddress(
            servers=("nats://127.0.0.1:1",),
            credentials=file if option == "--nats-creds" else None,
            ca=file if option == "--nats-ca" else None,
        )

        with pytest.raises(BadInput, match=option):
            await NatsConnection(address).__aenter__()


class TestTls:
    async def test_spoken(self, tmp_path: Path) -> None:
        """With an authority that we trust the connection is made, without one it is not."""
        files = a_certificate(tmp_path)
        tls = f'tls {{ cert_file: "{files.certificate}", key_file: "{files.key}" }}'
        with a_nats(extra=tls) as nats:
            address = nats.url.replace("nats://", "tls://")

            assert await lets_in(NatsAddress(servers=(address,), ca=files.certificate))
            assert not await lets_in(NatsAddress(servers=(address,)))

    @pytest.mark.parametrize(
        "asks",
        [
            lambda url, ca: NatsAddress(servers=(url.replace("nats:", "tls:"),), token="t"),
            lambda url, ca: NatsAddress(servers=(url,), ca=ca, token="t"),
            lambda url, ca: NatsAddress(servers=(url,), ca=ca),
        ],
        ids=["tls://", "an authority", "without a secret"],
    )
    async def test_not_offered(
        self, shared_nats: Nats, tmp_path: Path, asks: Callable[[str, Path], NatsAddress]
    ) -> None:
        """Where TLS was asked for, a server that speaks plainly is not spoken to."""
        ca = a_certificate(tmp_path).certificate

        assert not await lets_in(asks(shared_nats.url, ca))


class Eavesdropper:
    """Says that it is a NATS without TLS, and keeps what it is told."""

    def __init__(self) -> None:
        self.told = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        about = {"server_id": "x", "max_payload": 1, "auth_required": True, "nonce": "n"}
        writer.write(b"INFO " + json.dumps(about).encode() + b"\r\n")
        self.told += await reader.readline()
        writer.write(b"-ERR 'Authorization Violation'\r\n")
        writer.close()


class TestEavesdropper:
    @pytest.mark.parametrize("kind", ["token", "password", "name alone", "credentials"])
    @pytest.mark.parametrize("scheme", ["tls", "nats"])
    async def test_hears_nothing(self, tmp_path: Path, kind: str, scheme: str) -> None:
        """Where TLS was asked for, nothing secret is told in the clear; else it is."""
        listener = Eavesdropper()
        server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
        account = {"password": "me:secret@", "name alone": "secret@"}.get(kind, "")
        url = f"{scheme}://{account}127.0.0.1:{server.sockets[0].getsockname()[1]}"
        credentials = write_credentials(tmp_path / "user.creds") if kind == "credentials" else None
        address = NatsAddress(
            servers=(url,),
            token="secret" if kind == "token" else None,
            credentials=credentials,
        )
        async with server:
            assert not await lets_in(address)

        assert (b"secret" in listener.told or b"jwt" in listener.told) == (scheme == "nats")


class TestCredentials:
    def test_are_read(self, tmp_path: Path) -> None:
        """The statement and the key, as NATS's tools write them."""
        found = read_credentials(write_credentials(tmp_path / "user.creds"))

        assert found.key.private_bytes_raw() == USER.seed
        assert found.jwt.count(".") == 2

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda text: "",
            lambda text: text.replace("SU", "SX"),
            lambda text: text.replace("NKEY SEED", "SEED"),
            lambda text: text.replace(USER.secret, USER.secret[:20] + USER.secret[:-20]),
            lambda text: text.replace(USER.secret, "not base32!"),
            lambda text: text.replace(USER.secret, USER.public),
        ],
    )
    def test_anything_else(self, tmp_path: Path, spoil: Callable[[str], str]) -> None:
        """A file that is something else, or was mistyped, is a fault that names the option."""
        file = write_credentials(tmp_path / "user.creds")
        file.write_text(spoil(file.read_text()))

        with pytest.raises(BadInput, match="--nats-creds") as caught:
            read_credentials(file)
        assert USER.secret not in str(caught.value)
