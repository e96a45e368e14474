"""`pennon export`: a project as files, to be kept in Git."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from pennon.cli.config_layout import FOLDERS, Format, Piece, pieces_of
from pennon.cli.configuration_client import ConfigurationClient
from pennon.cli.connection import Connection, OriginAddress, resolve
from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput

_STDOUT = "-"
_EXAMPLES = """\
Examples:

  pennon export shop --to flags
  pennon export shop --environment staging --flag 'checkout-*' --to -

The files hold no secret, no version and no time: what is the same is written alike.
Read them back with pennon apply."""


def register(app: App) -> None:
    """Add the command to *app*."""
    app.command(export, sort_key=5, help_epilogue=_EXAMPLES)


def export(
    project: Annotated[str | None, Parameter(alias="-p")] = None,
    *,
    to: Annotated[str, Parameter(allow_leading_hyphen=True)] = "pennon",
    format: Format = "yaml",
    environment: Annotated[
        tuple[str, ...], Parameter(name="--environment", alias="-e", consume_multiple=False)
    ] = (),
    flag: Annotated[tuple[str, ...], Parameter(name="--flag")] = (),
    prune: Annotated[bool, Parameter(negative="")] = False,
    where: Annotated[OriginAddress | None, Parameter(name="*")] = None,
    json: Json = False,
) -> None:
    """
    Write a project into files: one for it, and one for each segment and each flag.

    Parameters
    ----------
    project
        The project, such as shop.
    to
        The folder, or - for one stream on standard output.
    format
        How the files are written.
    environment
        Only this environment; say it again for each. By default all that you may see.
    flag
        Only flags whose key is like this, such as 'checkout-*', and nothing else of the project.
    prune
        Remove the files of what is not in the project any more.
    """
    if flag and prune:
        raise BadInput.at("--prune", "needs the whole project: leave --flag out")
    origin = where or OriginAddress()
    target = resolve(
        Connection(url=origin.url, token=origin.token, data=origin.data, project=project),
        ("token", "project"),
    )
    with ConfigurationClient(target) as client:
        found = client.configuration(target.project)
    pieces = list(pieces_of(target.project, _only(found, environment), format))
    if flag:
        pieces = [
            one
            for one in pieces
            if one.kind == "flag" and any(fnmatchcase(one.key, like) for like in flag)
        ]
        if not pieces:
            raise CommandFailed(f"No flag of {target.project} is like {' or '.join(flag)}.")
    if to == _STDOUT:
        _print(pieces, format, json=json)
    else:
        _write(Path(to), pieces, format, prune=prune, partial=bool(flag), json=json)
        # The environment may come from a variable that was set for other commands.
        if environment and not json:
            print_text(f"These are of {' and '.join(environment)} alone.")


def _only(found: Mapping[str, Any], environments: Sequence[str]) -> dict[str, Any]:
    """Return a configuration of these environments alone, of all where none is named."""
    there = found.get("environments", {})
    for name in environments:
        if name not in there:
            raise CommandFailed(f"There is no environment {name!r}, or you may not see it.")
    if not environments:
        return dict(found)
    kept = {**found, "environments": {key: there[key] for key in there if key in environments}}
    for members in (FOLDERS["segment"], FOLDERS["flag"]):
        kept[members] = {
            key: {
                **item,
                "environments": {
                    name: part
                    for name, part in item.get("environments", {}).items()
                    if name in environments
                },
            }
            for key, item in found.get(members, {}).items()
        }
    return kept


def _print(pieces: Sequence[Piece], format: Format, *, json: bool) -> None:
    from pennon.cli.config_writing import text_of

    documents = [one.document for one in pieces]
    if json:
        print_json({"items": documents})
    else:
        sys.stdout.write(text_of(documents, format))


def _write(
    folder: Path,
    pieces: Sequence[Piece],
    format: Format,
    *,
    prune: bool,
    partial: bool,
    json: bool,
) -> None:
    from pennon.cli.config_writing import write_pieces

    done = write_pieces(folder, pieces, format)
    stale = () if partial else done.stale
    for path in stale if prune else ():
        path.unlink()
    if json:
        print_json(
            {
                "written": list(map(str, done.written)),
                "unchanged": list(map(str, done.unchanged)),
                "removed": list(map(str, stale)) if prune else [],
                "stale": [] if prune else list(map(str, stale)),
            }
        )
        return
    for path in done.written:
        print_text(f"wrote {path}")
    for path in stale:
        print_text(f"{'removed' if prune else 'left'} {path}, which holds nothing that is there")
    hint = "; --prune removes what is left" if stale and not prune else ""
    print_text(f"{len(done.written)} written, {len(done.unchanged)} so already{hint}.")
