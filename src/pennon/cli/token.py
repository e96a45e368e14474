"""`pennon token`: what programs use the management API with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.table import Table

from pennon.cli.access_client import AccessClient, TokenView, read_token
from pennon.cli.connection import OriginAddress, target_of
from pennon.cli.grants import On, scope_of, scope_text
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.web.permissions import Grant, Role

Where = Annotated[OriginAddress | None, Parameter(name="*")]

_EXAMPLES = """\
Examples:

  pennon token create deploys --role editor --on shop/staging
  pennon token list
  pennon token revoke 0f3a9c61d2e4b578"""


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(name="token", help="See, create and revoke tokens.", sort_key=8)
    group.help_epilogue = _EXAMPLES
    group.command(list_, name="list")
    group.command(create)
    group.command(revoke)
    app.command(group)


def list_(*, where: Where = None, json: Json = False) -> None:
    """List the tokens: what each may do, and when it was last used."""
    with _client(where) as client:
        tokens = client.tokens()
    if json:
        print_json({"items": [msgspec.Raw(token) for token in tokens]})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("ID", "NAME", "MAY", "LAST USED", ""):
        table.add_column(heading, overflow="fold")
    for token in map(read_token, tokens):
        used = "never" if token.used_at is None else f"{token.used_at:%Y-%m-%d %H:00}"
        table.add_row(token.id, token.name, _may(token), used, _state(token))
    print_text(table)


def create(
    name: str,
    /,
    *,
    role: Role,
    on: On,
    expires: str | None = None,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Create a token and print it; it is shown this once.

    Parameters
    ----------
    name
        What the audit log calls whoever uses it.
    role
        What it may do on --on.
    expires
        When it ends, such as 2027-06-30T00:00Z; by default never.
    """
    end = None if expires is None else _moment(expires)
    with _client(where) as client:
        body = client.create_token(name, Grant(role=role, scope=scope_of(on)), end)
    if json:
        print_json(msgspec.Raw(body))
    else:
        print_text(read_token(body).secret)


def revoke(token_id: str, /, *, where: Where = None, json: Json = False) -> None:
    """
    Revoke a token, for good and at once.

    Parameters
    ----------
    token_id
        Its id, as the list shows it.
    """
    with _client(where) as client:
        body = client.revoke_token(token_id)
    if json:
        print_json(msgspec.Raw(body))
    else:
        print_text(f"{read_token(body).name or token_id} is revoked.")


def _client(where: Where) -> AccessClient:
    return AccessClient(target_of(where or OriginAddress()))


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        raise BadInput.at("--expires", f"expected a time such as 2027-06-30T00:00Z, got {text!r}")
    return moment.isoformat()


def _may(token: TokenView) -> str:
    return f"{token.role} on {scope_text(token.scope)}"


def _state(token: TokenView) -> str:
    if token.revoked:
        return "revoked"
    return "" if token.expires_at is None else f"until {token.expires_at:%Y-%m-%d %H:%M} UTC"
