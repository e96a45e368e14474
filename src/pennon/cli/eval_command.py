"""`pennon eval`: what a flag serves whom, and why, worked out here and not on a node."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from pennon.cli.eval_options import ContextOptions, FlagSource
from pennon.cli.output import Json
from pennon.errors import BadInput

_FLAT = Parameter(name="*")

_EXAMPLES = """\
Examples:

  pennon eval new-checkout --user ada
  pennon eval loyalty-program --user bob --attr /address/country=DE --explain
  pennon eval page-size --user ada --context '{"kind": "device", "width": 2560}'
  pennon eval --all --user ada --datafile flags.json
  pennon eval new-checkout --user ada --data pennon-edge -e shop/production
  pennon eval new-checkout --user ada --at 2026-11-20T12:00Z

Without --datafile, --data and --parent it asks the node that pennon up saved.
Exit codes: 0 evaluated, 1 an ERROR or no such flag, 2 asked for wrongly."""


def register(app: App) -> None:
    """Add the command to *app*."""
    app.command(eval_, name="eval", sort_key=5, help_epilogue=_EXAMPLES)


def eval_(
    flag_key: str | None = None,
    /,
    *,
    every: Annotated[bool, Parameter(name="--all", negative="")] = False,
    told: Annotated[bool, Parameter(name="--explain", negative="")] = False,
    whom: Annotated[ContextOptions | None, _FLAT] = None,
    source: Annotated[FlagSource | None, _FLAT] = None,
    json: Json = False,
) -> None:
    """
    Evaluate a flag as every node would, and tell why.

    Parameters
    ----------
    flag_key
        The flag's key; say --all instead for every flag.
    every
        Evaluate every flag.
    told
        Tell each step: the targets, rules and conditions, what was found, where a split fell.
    """
    if flag_key is None and not every:
        raise BadInput.at("FLAG_KEY", "expected a flag's key, or --all")
    if flag_key is not None and every:
        raise BadInput.at("--all", f"expected no flag's key beside it, got {flag_key!r}")
    # `pennon flag` need not wait for the evaluator.
    from pennon.cli.eval_run import run

    run(flag_key, whom or ContextOptions(), source or FlagSource(), told=told, json=json)
