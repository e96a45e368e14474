"""`pennon audit verify`, `export`, `checkpoint` and `key`: the log's proofs, from the database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.origin.settings import DatabaseSettings

# What the proofs are made with is imported by the command that needs it: the others need not wait.

Where = Annotated[DatabaseSettings | None, Parameter(name="*")]
Chain = Annotated[
    str | None,
    Parameter(help="Only the log of this project, or $installation; by default all of them."),
]


def verify(
    export_file: Path | None = None,
    /,
    *,
    chain: Chain = None,
    checkpoints: Path | None = None,
    public_key: tuple[str, ...] = (),
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Verify that no record was altered, removed, moved, put in or cut off.

    It names the first that was, of each project's log and of the installation's own, and what
    keeps the database from letting somebody do so, where that was taken away.

    Parameters
    ----------
    export_file
        A file that pennon audit export wrote; by default the database is read.
    checkpoints
        A file of checkpoints, kept elsewhere: they also find a log that was rewritten as a whole.
    public_key
        The key that signed them, as pennon audit key prints it; by default that of --data.
    """
    from pennon.cli import audit_verify

    settings = where or DatabaseSettings()
    proofs = (
        audit_verify.read_proofs(checkpoints, public_key, settings.data)
        if checkpoints
        else audit_verify.Proofs()
    )
    report = (
        audit_verify.verify_export(export_file, chain, proofs)
        if export_file
        else audit_verify.verify_database(settings, chain, proofs)
    )
    if json:
        print_json(report)
    else:
        print_text(audit_verify.report_text(report))
    if not report.intact:
        raise CommandFailed(
            "The audit log is not as it was written."
            if any(one.finding for one in report.chains) or report.unproven
            else "The audit log is intact, and not guarded."
        )


def export(*, chain: Chain = None, where: Where = None, json: Json = False) -> None:
    """
    Write the audit log as JSON Lines, which prove themselves as the database does.

    Each chain is a line with its head and a line for each record, which ends with its hash.
    With --json an error is JSON as well.
    """
    from pennon.cli.audit_database import with_database
    from pennon.errors import NotFound
    from pennon.origin.audit.service import export_chain
    from pennon.origin.audit.stored import find_chains
    from pennon.origin.db import Database

    async def write(database: Database) -> None:
        chains = await database.read(find_chains)
        if chain is not None and chain not in chains:
            raise NotFound("audit log", chain)
        for name in [chain] if chain else chains:
            async for lines in await export_chain(database.read, name):
                sys.stdout.buffer.write(lines)
        sys.stdout.buffer.flush()

    with_database(where or DatabaseSettings(), write)


def checkpoint(*, where: Where = None, json: Json = False) -> None:
    """
    Sign where every chain ends now, and write that as JSON Lines.

    Keep them where nobody who has the database can change them: a log that is rewritten as a
    whole, hashes and all, no longer agrees with them. With --json an error is JSON as well.
    """
    from pennon.cli.audit_database import with_database
    from pennon.origin.audit.checkpoints import heads_to_sign, signed_line
    from pennon.origin.audit.signing import find_key, make_key
    from pennon.origin.db import Database
    from pennon.origin.services import wall_clock

    settings = where or DatabaseSettings()
    first = find_key(settings.data) is None

    async def work(database: Database) -> list[bytes]:
        heads = await database.read(heads_to_sign)
        signing_key, now = make_key(settings.data), wall_clock()
        return [signed_line(head, now, signing_key) for head in heads]

    for line in with_database(settings, work):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
    if first:
        public = make_key(settings.data).public.text
        print(f"Made a key pair. Keep its public key elsewhere too: {public}", file=sys.stderr)


def key(*, data: Path = DatabaseSettings.data, json: Json = False) -> None:
    """
    Show the public key that checkpoints are verified with; the first time, make the pair.

    Parameters
    ----------
    data
        The folder of the origin's state and keys, where the private half stays.
    """
    from pennon.origin.audit.signing import make_key

    public = make_key(data).public
    if json:
        print_json({"id": public.id, "publicKey": public.text})
    else:
        print_text(public.text)
