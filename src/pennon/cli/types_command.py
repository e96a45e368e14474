"""`pennon types`: a project's flags as TypeScript types."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from pennon.cli.configuration_client import ConfigurationClient
from pennon.cli.connection import Connection, OriginAddress, resolve
from pennon.cli.declaration import Side, declaration_of, visible
from pennon.cli.errors import Differs
from pennon.cli.output import Json, print_json, print_text

_STDOUT = "-"
_EXAMPLES = """\
Examples:

  pennon types shop --to src/flags.d.ts
  pennon types shop --to src/flags.d.ts --check     in CI: exit code 3 when it is out of date

@pennon/browser then knows a project's flags: a key that is mistyped does not compile."""


def register(app: App) -> None:
    """Add the command to *app*."""
    app.command(types, sort_key=5, help_epilogue=_EXAMPLES)


def types(
    project: Annotated[str | None, Parameter(alias="-p")] = None,
    *,
    to: Annotated[str, Parameter(allow_leading_hyphen=True)] = "flags.d.ts",
    client_side: Side | None = None,
    check: Annotated[bool, Parameter(negative="")] = False,
    where: Annotated[OriginAddress | None, Parameter(name="*")] = None,
    json: Json = False,
) -> None:
    """
    Write the flags that pages and apps see, and their types, for TypeScript.

    Parameters
    ----------
    project
        The project, such as shop.
    to
        The file, or - for standard output.
    client_side
        Only flags that pages (web) or apps (mobile) see. By default those that either sees.
    check
        Write nothing; the exit code is 3 when the file is not what would be written.
    """
    origin = where or OriginAddress()
    target = resolve(
        Connection(url=origin.url, token=origin.token, data=origin.data, project=project),
        ("token", "project"),
    )
    with ConfigurationClient(target) as client:
        found = client.configuration(target.project)
    flags = visible(found.get("flags", {}), client_side)
    text = declaration_of(flags)
    if to == _STDOUT and not check:
        _print(text, json=json)
        return
    path = Path(to)
    differs = not path.is_file() or path.read_text(encoding="utf-8") != text
    if differs and check:
        raise Differs(f"{to} is not what the flags of {target.project} are by now.")
    if differs:
        path.write_text(text, encoding="utf-8")
    if json:
        print_json({"path": to, "flags": list(flags), "written": differs})
    else:
        print_text(f"{to}: {len(flags)} flags, {'written' if differs else 'as it was'}.")


def _print(text: str, *, json: bool) -> None:
    if json:
        print_json({"declaration": text})
    else:
        sys.stdout.write(text)
