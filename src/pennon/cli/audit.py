"""`pennon audit`: the record of every change, and the proof that it is what was written."""

from __future__ import annotations

from cyclopts import App

from pennon.cli import audit_proof

_EXAMPLES = """\
Examples:

  pennon audit verify
  pennon audit checkpoint >> elsewhere/checkpoints.jsonl
  pennon audit verify --checkpoints elsewhere/checkpoints.jsonl
  pennon audit export > audit.jsonl
  pennon audit verify audit.jsonl

They read the database itself, so that they need no origin and trust none."""


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(
        name="audit", help="See who changed what, and prove that the log says so.", sort_key=6
    )
    group.help_epilogue = _EXAMPLES
    audit_proof.register(group)
    app.command(group)
