"""`pennon flag`: see the flags of an environment and switch them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from pennon.cli import history
from pennon.cli.client import FlagsClient
from pennon.cli.connection import Connection, Target, resolve
from pennon.cli.errors import CommandFailed
from pennon.cli.flag_view import FlagView, flag_table, flag_text
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.model.codec import decode

Where = Annotated[Connection | None, Parameter(name="*")]
Comment = Annotated[str | None, Parameter(help="Why, for the audit log.")]

_EXAMPLES = """\
Examples:

  pennon flag list --q checkout
  pennon flag show new-checkout
  pennon flag on new-checkout --comment 'Let them in'
  pennon flag rollback new-checkout 40 --comment 'Payments fail'

What pennon up saved stands in for --token, --project and --environment."""


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(name="flag", help="See and switch the flags of an environment.", sort_key=5)
    group.help_epilogue = _EXAMPLES
    group.command(list_, name="list")
    group.command(show)
    group.command(on)
    group.command(off)
    history.register(group)
    app.command(group)


def list_(
    *, q: str | None = None, limit: int | None = None, where: Where = None, json: Json = False
) -> None:
    """
    List the flags, and what each serves.

    Parameters
    ----------
    q
        List only flags whose key, name, description, owner or tags hold this text.
    limit
        List at most so many; by default all.
    """
    if limit is not None and limit < 1:
        raise BadInput.at("--limit", f"expected 1 or more, got {limit}")
    target = resolve(where or Connection())
    with FlagsClient(target) as client:
        flags = list(client.list(q, limit))
    if json:
        print_json({"items": [msgspec.Raw(flag) for flag in flags]})
    elif flags:
        print_text(flag_table(map(_read, flags)))
    else:
        print_text(f"No flag of {_name(target)} matches." if q else f"{_name(target)} has no flag.")


def show(flag_key: str, /, *, where: Where = None, json: Json = False) -> None:
    """
    Show a flag: its variations, and who is served which.

    Parameters
    ----------
    flag_key
        The flag's key.
    """
    target = resolve(where or Connection())
    with FlagsClient(target) as client:
        flag = client.show(flag_key)
    if json:
        print_json(msgspec.Raw(flag))
    else:
        print_text(flag_text(_read(flag), _name(target)))


def on(
    flag_key: str, /, *, comment: Comment = None, where: Where = None, json: Json = False
) -> None:
    """
    Switch a flag on: its targets, rules and default decide.

    Parameters
    ----------
    flag_key
        The flag's key.
    """
    _switch(flag_key, enabled=True, comment=comment, where=where, json=json)


def off(
    flag_key: str, /, *, comment: Comment = None, where: Where = None, json: Json = False
) -> None:
    """
    Switch a flag off: everyone gets its off variation.

    Parameters
    ----------
    flag_key
        The flag's key.
    """
    _switch(flag_key, enabled=False, comment=comment, where=where, json=json)


def _switch(key: str, *, enabled: bool, comment: str | None, where: Where, json: bool) -> None:
    target = resolve(where or Connection())
    with FlagsClient(target) as client:
        body = client.switch(key, enabled=enabled, comment=comment)
        if json:
            print_json(msgspec.Raw(body))
            return
        flag = _read(body)
        state = "on" if flag.enabled else "off"
        print_text(f"{flag.key} is {state} in {_name(target)} since version {flag.version}.")
        if flag.propagation:
            print_text(f"Who has it: {client.absolute(flag.propagation)}")


def _read(body: bytes) -> FlagView:
    try:
        return decode(body, FlagView)
    except BadInput as error:
        raise CommandFailed(f"The origin gave no flag that can be read: {error}") from None


def _name(target: Target) -> str:
    return f"{target.project}/{target.environment}"
