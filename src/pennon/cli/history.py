"""`pennon flag history`, `diff` and `rollback`: what a flag was, and going back to it."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from cyclopts import App, Parameter

from pennon.cli.client import FlagsClient
from pennon.cli.connection import Connection, Target, resolve
from pennon.cli.errors import CommandFailed
from pennon.cli.history_view import (
    DiffView,
    RolledBackView,
    VersionView,
    diff_text,
    remaining_text,
    version_table,
)
from pennon.cli.output import Json, print_json, print_text
from pennon.cli.receipt import Wait, seconds_of, wait_for_all
from pennon.errors import BadInput
from pennon.model.codec import decode

Where = Annotated[Connection | None, Parameter(name="*")]
T = TypeVar("T")


def register(group: App) -> None:
    """Add the commands to `pennon flag`."""
    group.command(history)
    group.command(diff)
    group.command(rollback)


def history(
    flag_key: str, /, *, limit: int | None = None, where: Where = None, json: Json = False
) -> None:
    """
    List the versions of a flag, newest first: who changed what, and why.

    Parameters
    ----------
    flag_key
        The flag's key.
    limit
        List at most so many; by default all.
    """
    if limit is not None and limit < 1:
        raise BadInput.at("--limit", f"expected 1 or more, got {limit}")
    with FlagsClient(resolve(where or Connection())) as client:
        versions = list(client.versions(flag_key, limit))
    if json:
        print_json({"items": [msgspec.Raw(version) for version in versions]})
    else:
        print_text(version_table(_read(version, VersionView) for version in versions))


def diff(
    flag_key: str,
    from_version: int | None = None,
    to_version: int | None = None,
    /,
    *,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Show what two versions of a flag differ in; by default its newest change.

    Parameters
    ----------
    flag_key
        The flag's key.
    from_version
        A version of the environment; by default the one before.
    to_version
        Another; by default the newest.
    """
    target = resolve(where or Connection())
    with FlagsClient(target) as client:
        body = client.diff(flag_key, from_version, to_version)
    if json:
        print_json(msgspec.Raw(body))
    else:
        print_text(diff_text(_read(body, DiffView), flag_key, _name(target)))


def rollback(
    flag_key: str,
    to_version: int,
    /,
    *,
    comment: Annotated[str | None, Parameter(help="Why, for the audit log.")] = None,
    wait: Wait = False,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Serve whom a flag served at an earlier version, as a new version.

    Parameters
    ----------
    flag_key
        The flag's key.
    to_version
        The version of the environment to go back to.
    """
    target, seconds = resolve(where or Connection()), seconds_of(wait)
    with FlagsClient(target) as client:
        body = client.roll_back(flag_key, to_version, comment)
        if json and seconds is None:
            print_json(msgspec.Raw(body))
            return
        done = _read(body, RolledBackView)
        if not json:
            print_text(
                f"{flag_key} serves in {_name(target)} whom it served at version "
                f"{done.restored}, since version {done.version}."
            )
            if done.remaining:
                print_text(remaining_text(done))
            print_text(f"Who has it: {client.absolute(done.propagation)}")
        if seconds is not None:
            wait_for_all(client, body, done.propagation, seconds, json=json)


def _read(body: bytes, type: type[T]) -> T:
    try:
        return decode(body, type)
    except BadInput as error:
        raise CommandFailed(f"The origin gave no history that can be read: {error}") from None


def _name(target: Target) -> str:
    return f"{target.project}/{target.environment}"
