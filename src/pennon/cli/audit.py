"""`pennon audit`: the record of every change, and the proof that it is what was written."""

from __future__ import annotations

from cyclopts import App

from pennon.cli import audit_log, audit_proof

_EXAMPLES = """\
Examples:

  pennon audit list --actor ada --from 2026-11-20
  pennon audit list --resource flag/new-checkout -e production
  pennon audit show 17
  pennon audit verify
  pennon audit checkpoint >> elsewhere/checkpoints.jsonl
  pennon audit verify --checkpoints elsewhere/checkpoints.jsonl
  pennon audit export > audit.jsonl

list and show ask an origin. The others read the database itself, and trust no origin."""


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(
        name="audit", help="See who changed what, and prove that the log says so.", sort_key=6
    )
    group.help_epilogue = _EXAMPLES
    group.command(audit_log.list_, name="list", sort_key=1)
    group.command(audit_log.show, sort_key=2)
    group.command(audit_proof.verify, sort_key=3)
    group.command(audit_proof.export, sort_key=4)
    group.command(audit_proof.checkpoint, sort_key=5)
    group.command(audit_proof.key, sort_key=6)
    app.command(group)
