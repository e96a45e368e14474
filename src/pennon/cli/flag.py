"""`pennon flag`: see the flags of an environment and switch them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from pennon.cli import flag_copy, flag_list, flag_target, history
from pennon.cli.client import FlagsClient
from pennon.cli.connection import Connection, Target, resolve
from pennon.cli.dry_run_view import DryRun, dry_run_text
from pennon.cli.errors import CommandFailed
from pennon.cli.evaluations_view import EvaluationsView
from pennon.cli.flag_list import read_flag
from pennon.cli.flag_view import flag_text
from pennon.cli.output import Json, print_json, print_text
from pennon.cli.receipt import Wait, seconds_of, wait_for_all
from pennon.errors import BadInput
from pennon.model.codec import decode

Where = Annotated[Connection | None, Parameter(name="*")]
Comment = Annotated[str | None, Parameter(help="Why, for the audit log.")]

_EXAMPLES = """\
Examples:

  pennon flag list --tag checkout --state on
  pennon flag list --stale --sort lastRequestedAt
  pennon flag show new-checkout
  pennon flag on new-checkout --comment 'Let them in'
  pennon flag off new-checkout --dry-run
  pennon flag off new-checkout --wait 10
  pennon flag target new-checkout on ada grace
  pennon flag copy new-checkout --from staging --to production
  pennon flag rollback new-checkout 40 --comment 'Payments fail'

What pennon up saved stands in for --token, --project and --environment."""


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(name="flag", help="See and switch the flags of an environment.", sort_key=5)
    group.help_epilogue = _EXAMPLES
    flag_list.register(group)
    group.command(show)
    group.command(on)
    group.command(off)
    flag_target.register(group)
    flag_copy.register(group)
    history.register(group)
    app.command(group)


def show(flag_key: str, /, *, where: Where = None, json: Json = False) -> None:
    """
    Show a flag: its variations, who is served which, and how often that was of late.

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
            return
        counts = _read_evaluations(client.evaluations(flag_key))
    print_text(flag_text(read_flag(flag), _name(target), counts))


def on(
    flag_key: str,
    /,
    *,
    comment: Comment = None,
    dry_run: DryRun = False,
    wait: Wait = False,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Switch a flag on: its targets, rules and default decide.

    Parameters
    ----------
    flag_key
        The flag's key.
    """
    _switch(
        flag_key, enabled=True, comment=comment, dry_run=dry_run, wait=wait, where=where, json=json
    )


def off(
    flag_key: str,
    /,
    *,
    comment: Comment = None,
    dry_run: DryRun = False,
    wait: Wait = False,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Switch a flag off: everyone gets its off variation.

    Parameters
    ----------
    flag_key
        The flag's key.
    """
    _switch(
        flag_key, enabled=False, comment=comment, dry_run=dry_run, wait=wait, where=where, json=json
    )


def _switch(
    key: str,
    *,
    enabled: bool,
    comment: str | None,
    dry_run: bool,
    wait: bool | float,
    where: Where,
    json: bool,
) -> None:
    target, seconds = resolve(where or Connection()), seconds_of(wait)
    with FlagsClient(target) as client:
        body = client.switch(key, enabled=enabled, comment=comment, dry_run=dry_run)
        if json and (seconds is None or dry_run):
            print_json(msgspec.Raw(body))
            return
        if dry_run:
            print_text(dry_run_text(body, key, _name(target)))
            return
        flag = read_flag(body)
        if not json:
            state = "on" if flag.enabled else "off"
            print_text(f"{flag.key} is {state} in {_name(target)} since version {flag.version}.")
            if flag.propagation:
                print_text(f"Who has it: {client.absolute(flag.propagation)}")
        if seconds is not None:
            wait_for_all(client, body, flag.propagation or "", seconds, json=json)


def _read_evaluations(body: bytes) -> EvaluationsView:
    try:
        return decode(body, EvaluationsView)
    except BadInput as error:
        raise CommandFailed(f"The origin gave no counts that can be read: {error}") from None


def _name(target: Target) -> str:
    return f"{target.project}/{target.environment}"
