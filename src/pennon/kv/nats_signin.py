"""How a client gets into NATS, and that it tells nothing secret in the clear where TLS is asked."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from pennon.errors import BadInput
from pennon.kv.nats_address import NatsAddress
from pennon.kv.nats_credentials import Credentials, read_credentials

if TYPE_CHECKING:
    from nats.aio.client import Client


def signin_options(client: Client, address: NatsAddress) -> dict[str, Any]:
    """
    Return the options by which *client* finds the servers of *address* and gets in.

    Files are read each time, since they may be replaced while we run. Raises BadInput for those
    that cannot be used.
    """
    servers, user, password = _account(address.servers)
    options: dict[str, Any] = {"servers": servers}
    secrets: dict[str, str | None] = {"token": address.token}
    if password is None:
        secrets["token"] = user or address.token  # as NATS has it: a name alone is a token
    else:
        secrets.update(user=user, password=password)
    for name, secret in secrets.items():
        if secret is not None:
            options[name] = _guarded(client, address, secret)
    if address.wants_tls:
        options["tls"] = _trusting(address)
    if address.credentials is not None:
        credentials = read_credentials(address.credentials)
        options["signature_cb"] = _signing(client, address, credentials)
        options["user_jwt_cb"] = credentials.jwt.encode
    return options


def check_files(address: NatsAddress) -> None:
    """Raise BadInput for files that could never be used, OSError for those that are not there."""
    if address.wants_tls:
        _trusting(address)
    if address.credentials is not None:
        read_credentials(address.credentials)


def require_tls(client: Client, address: NatsAddress) -> None:
    """Raise ConnectionError for a server that would have us go on in the clear."""
    # The library goes on without TLS where it is not offered, whatever the address says.
    if address.wants_tls and not client._server_info.get("tls_required"):
        raise ConnectionError("the server does not speak TLS")


def _account(addresses: tuple[str, ...]) -> tuple[list[str], str | None, str | None]:
    """Return the addresses without user and password, and the first of these that one has."""
    servers, accounts = [], []
    for parts in map(urlsplit, addresses):
        account, at, host = parts.netloc.rpartition("@")
        servers.append(urlunsplit((parts.scheme, host, "", "", "")))
        if at:
            user, colon, password = account.partition(":")
            accounts.append((unquote(user), unquote(password) if colon else None))
    return (servers, *(accounts[0] if accounts else (None, None)))


def _guarded(client: Client, address: NatsAddress, secret: str) -> Any:
    """Return what gives *secret* to a server that has agreed to TLS, where that is asked for."""

    def give() -> str:
        # Called when the server has said what it is, and before it is told anything.
        require_tls(client, address)
        return secret

    return give


def _signing(client: Client, address: NatsAddress, credentials: Credentials) -> Any:
    def sign(nonce: str) -> bytes:
        require_tls(client, address)
        return credentials.sign(nonce)

    return sign


def _trusting(address: NatsAddress) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=address.ca)
    except ssl.SSLError:
        raise BadInput.at("--nats-ca", "expected a file of certificates") from None
