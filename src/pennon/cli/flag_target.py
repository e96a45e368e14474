"""`pennon flag target`: who is served a variation by name, whatever the rules say."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from pennon.cli.client import FlagsClient
from pennon.cli.connection import Connection, resolve
from pennon.cli.dry_run_view import DryRun, dry_run_text
from pennon.cli.flag_list import read_flag
from pennon.cli.output import Json, print_json, print_text
from pennon.cli.phrases import target_phrase


def register(group: App) -> None:
    """Add the command to `pennon flag`."""
    group.command(target)


def target(
    flag_key: str,
    variation: str,
    keys: Annotated[tuple[str, ...], Parameter(negative_iterable="")],
    /,
    *,
    remove: Annotated[bool, Parameter(negative="")] = False,
    kind: str = "user",
    comment: Annotated[str | None, Parameter(help="Why, for the audit log.")] = None,
    dry_run: DryRun = False,
    where: Annotated[Connection | None, Parameter(name="*")] = None,
    json: Json = False,
) -> None:
    """
    Serve a variation to some keys, whatever the rules say.

    Parameters
    ----------
    flag_key
        The flag's key.
    variation
        The name of the variation.
    keys
        The keys of those who get it. Another variation's targets lose them.
    remove
        Leave these keys to the rules again.
    kind
        What the keys are keys of.
    """
    instruction = {
        "kind": "removeTargets" if remove else "addTargets",
        "variation": variation,
        "contextKind": kind,
        "keys": keys,
    }
    there = resolve(where or Connection())
    with FlagsClient(there) as client:
        body = client.instruct(flag_key, [instruction], comment, dry_run=dry_run)
        if json:
            print_json(msgspec.Raw(body))
            return
        where_named = f"{there.project}/{there.environment}"
        if dry_run:
            print_text(dry_run_text(body, flag_key, where_named))
            return
        flag = read_flag(body)
        print_text(f"{flag.key} in {where_named}, version {flag.version}, targets:")
        print_text("\n".join(f"  {target_phrase(one)}" for one in flag.targets) or "  nobody")
        if flag.propagation:
            print_text(f"Who has it: {client.absolute(flag.propagation)}")
