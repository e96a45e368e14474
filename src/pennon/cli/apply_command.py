"""`pennon apply`: bring a project to what files say, once the plan was seen."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import App, Parameter

from pennon.cli.asking import agreed
from pennon.cli.configuration_client import (
    ConfigurationClient,
    PlanView,
    raw,
    read_applied,
    read_plan,
)
from pennon.cli.connection import Connection, OriginAddress, resolve
from pennon.cli.errors import CommandFailed, Differs
from pennon.cli.output import Json, print_json, print_text
from pennon.cli.plan_view import plan_text
from pennon.errors import BadInput

_EXAMPLES = """\
Examples:

  pennon apply flags                        show the plan, ask, apply
  pennon apply flags --check                in CI: exit code 3 when something differs
  pennon apply flags --prune --yes --comment "$(git log -1 --format=%s)"

What is not in the files is left alone. --prune archives flags and segments, nothing else."""


def register(app: App) -> None:
    """Add the command to *app*."""
    app.command(apply, sort_key=5, help_epilogue=_EXAMPLES)


def apply(
    path: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    project: Annotated[str | None, Parameter(alias="-p")] = None,
    prune: Annotated[bool, Parameter(negative="")] = False,
    check: Annotated[bool, Parameter(negative="")] = False,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    yes: Annotated[bool, Parameter(negative="", alias="-y")] = False,
    comment: Annotated[str | None, Parameter(help="Why, for the audit log.")] = None,
    where: Annotated[OriginAddress | None, Parameter(name="*")] = None,
    json: Json = False,
) -> None:
    """
    Bring a project to what its files say: all of it or nothing, once you have seen the plan.

    Parameters
    ----------
    path
        A folder that pennon export wrote, one file of it, or - for standard input.
    project
        The project; by default the one that the files name.
    prune
        Archive flags and segments that are not in the files.
    check
        Change nothing; the exit code is 3 when something differs.
    dry_run
        Change nothing; print the plan.
    yes
        Apply without asking.
    """
    # Imported here: `pennon flag` need not wait for it.
    from pennon.cli.config_assembly import assembled
    from pennon.cli.config_sources import sources_of

    sources, unread = sources_of(path)
    found = assembled(sources)
    if faults := [*unread, *found.faults]:
        raise CommandFailed(_told(faults, "found in the files; nothing was applied"))
    if prune and found.project is None:
        raise BadInput.at("--prune", f"needs a whole project, and {path} has no pennon.yaml")
    origin = where or OriginAddress()
    target = resolve(
        Connection(
            url=origin.url,
            token=origin.token,
            data=origin.data,
            project=project or found.project,
        ),
        ("token", "project"),
    )
    with ConfigurationClient(target) as client:
        body = client.plan(target.project, found.configuration, prune=prune)
        plan = read_plan(body)
        if not json:
            whole = found.project is not None
            text = plan_text(plan, target.project, target.url, whole=whole, prune=prune)
            print_text(text)
        wanted = bool(plan.changes) and plan.valid and not (check or dry_run)
        if wanted and not plan.lacking and (yes or _asked(target.project, json=json)):
            done = client.apply(
                target.project, found.configuration, plan.plan, comment, prune=prune
            )
            _print_done(client, body, done, json=json)
            return
    if json:
        print_json({"applied": False, **raw(body), "environments": []})
    if not plan.valid:
        faults = list(map(found.told, plan.errors))
        raise CommandFailed(_told(faults, "found by the origin; nothing was applied"))
    if check and plan.changes:
        raise Differs(f"{target.project} differs from the files.")
    if wanted and plan.lacking:
        raise CommandFailed(_refused(plan))
    if wanted and not json:
        raise CommandFailed("Nothing was applied.")


def _asked(project: str, *, json: bool) -> bool:
    """Return whether a person agrees. Raises CommandFailed where nobody can be asked."""
    if json:
        return False
    if not sys.stdin.isatty():
        raise CommandFailed(
            "Nothing was applied: there is no terminal to ask at.\n"
            "Give --yes to apply without asking, or --check only to look."
        )
    return agreed(f"Apply this to {project}?")


def _print_done(client: ConfigurationClient, plan: bytes, done: bytes, *, json: bool) -> None:
    if json:
        environments = raw(done)["environments"]
        print_json({"applied": True, **raw(plan), "environments": environments})
        return
    moved = read_applied(done).environments
    for one in moved:
        print_text(f"{one.environment} is so since version {one.version}.")
        print_text(f"Who has it: {client.absolute(one.propagation)}")
    if not moved:
        print_text("It is so now; no environment serves anything else by it.")


def _refused(plan: PlanView) -> str:
    return f"Nothing was applied: it takes {', '.join(plan.lacking)}, which you do not have."


def _told(faults: list[str], what: str) -> str:
    count = f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}"
    return "\n".join([f"{count} {what}.", *faults])
