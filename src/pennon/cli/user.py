"""`pennon user`: the people who may sign in, and what they may do."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.table import Table

from pennon.cli.access_client import AccessClient, read_user
from pennon.cli.connection import OriginAddress, target_of
from pennon.cli.grants import On, RoleOrNone, grants_text, scope_of, with_role
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.web.permissions import Role

Where = Annotated[OriginAddress | None, Parameter(name="*")]
PasswordStdin = Annotated[
    bool,
    Parameter(negative="", help="Read the password from standard input instead of asking for it."),
]

_EXAMPLES = """\
Examples:

  pennon user create ada --role editor --on shop
  pennon user grant ada --role viewer --on blog
  pennon user disable ada"""


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(name="user", help="See and change who may sign in.", sort_key=7)
    group.help_epilogue = _EXAMPLES
    group.command(list_, name="list")
    for command in (create, grant, password, disable, enable):
        group.command(command)
    app.command(group)


def list_(*, where: Where = None, json: Json = False) -> None:
    """List the users, and what each may do."""
    with _client(where) as client:
        users = client.users()
    if json:
        print_json({"items": [msgspec.Raw(user) for user in users]})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("NAME", "FULL NAME", "MAY", ""):
        table.add_column(heading, overflow="fold")
    for user in map(read_user, users):
        state = "disabled" if user.disabled else ""
        table.add_row(user.name, user.full_name, grants_text(user.grants), state)
    print_text(table if users else "There are no users.")


def create(
    name: str,
    /,
    *,
    role: Role | None = None,
    on: On = (),
    full_name: str = "",
    password_stdin: PasswordStdin = False,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Create a user.

    Parameters
    ----------
    name
        What the user signs in with: a short name or a mail address, in small letters.
    role
        What the user may do on --on; without it, nothing yet.
    full_name
        The name that people know the user by.
    """
    grants = with_role((), role, scope_of(on)) if role or on else ()
    if on and role is None:
        raise BadInput.at("--role", "is needed beside --on")
    with _client(where) as client:
        body = client.create_user(name, full_name, _password(password_stdin), grants)
    _tell(body, json)


def grant(
    name: str, /, *, role: RoleOrNone, on: On, where: Where = None, json: Json = False
) -> None:
    """
    Give a user a role on something, or none; what was granted elsewhere stays.

    Parameters
    ----------
    name
        The user's name.
    role
        What the user may do there.
    """
    scope = scope_of(on)
    with _client(where) as client:
        user = client.user(name)
        given = None if role == "none" else role
        body = client.grant(user, with_role(user.grants, given, scope))
    _tell(body, json)


def password(
    name: str, /, *, password_stdin: PasswordStdin = False, where: Where = None, json: Json = False
) -> None:
    """
    Set a user's password; the user's sessions end.

    Parameters
    ----------
    name
        The user's name.
    """
    with _client(where) as client:
        user = client.user(name)
        body = client.set_password(user, _password(password_stdin))
    _tell(body, json, f"The password of {name} is set.")


def disable(name: str, /, *, where: Where = None, json: Json = False) -> None:
    """
    Let a user in no more, nor the tokens that the user made.

    Parameters
    ----------
    name
        The user's name.
    """
    with _client(where) as client:
        body = client.disable(client.user(name), disabled=True)
    _tell(body, json, f"{name} is disabled.")


def enable(name: str, /, *, where: Where = None, json: Json = False) -> None:
    """
    Let a user in again.

    Parameters
    ----------
    name
        The user's name.
    """
    with _client(where) as client:
        body = client.disable(client.user(name), disabled=False)
    _tell(body, json, f"{name} is enabled.")


def _client(where: Where) -> AccessClient:
    return AccessClient(target_of(where or OriginAddress()))


def _tell(body: bytes, json: bool, text: str | None = None) -> None:
    if json:
        print_json(msgspec.Raw(body))
        return
    user = read_user(body)
    print_text(text or f"{user.name} is {grants_text(user.grants)}.")


def _password(from_stdin: bool) -> str:
    """Return a password that is never an argument: a list of processes shows those."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInput.at("--password-stdin", "is needed where there is no terminal to ask at")
    given = getpass("Password: ")
    if getpass("Once more: ") != given:
        raise BadInput.at("password", "the two differ")
    return given
