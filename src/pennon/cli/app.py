"""The command tree, and how what goes wrong in it is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import msgspec
from cyclopts import App, CycloptsError, MissingArgumentError, Parameter
from cyclopts.config import Env

from pennon.cli import (
    apply_command,
    audit,
    backup,
    bundle,
    completion,
    eval_command,
    events,
    export_command,
    flag,
    kv,
    node,
    segment,
    serve,
    simulate,
    token,
    types_command,
    user,
)
from pennon.cli.errors import Differs
from pennon.errors import BadInput, PennonError

DONE, FAILED, MISUSED, DIFFERS = 0, 1, 2, 3
"""The exit codes."""

_HELP = "Feature flags served at the tip of the network."

_EXAMPLES = """\
Start here:

  pennon up                      serve a sample project, all in one process
  pennon flag list               see its flags, from another terminal
  pennon flag on new-checkout    flip one: every edge has it within a second

Every option is an environment variable as well: --port is PENNON_PORT.
Exit codes: 0 done, 1 failed, 2 asked for wrongly, 3 different (--check)."""


def make_app() -> App:
    """Return the command tree."""
    app = App(
        name="pennon",
        help=_HELP,
        help_epilogue=_EXAMPLES,
        help_format="plaintext",
        version=lambda: f"pennon {version('pennon')}",
        config=Env("PENNON_", command=False),
        result_action="return_value",
        default_parameter=Parameter(negative_iterable="", show_default=_shown_default),
    )
    serve.register(app)
    backup.register(app)
    bundle.register(app)
    flag.register(app)
    segment.register(app)
    eval_command.register(app)
    export_command.register(app)
    apply_command.register(app)
    types_command.register(app)
    node.register(app)
    audit.register(app)
    kv.register(app)
    events.register(app)
    user.register(app)
    token.register(app)
    simulate.register(app)
    completion.register(app)
    return app


def run(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """
    Run the command that *arguments* name and return the exit code.

    What goes wrong is one line a fault on standard error, or one JSON line where `--json` is
    asked for. A traceback means a fault of ours.
    """
    as_json = "--json" in arguments or environ.get("PENNON_JSON", "").lower() in _YES
    try:
        make_app()(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _tell(MISUSED, [_usage_line(error)], as_json, hint=_help_hint(error))
    except BadInput as error:
        return _tell(MISUSED, [str(fault) for fault in error.faults], as_json)
    except BrokenPipeError:
        # the reader, such as `head`, has seen enough; keep Python from flushing into the void
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Differs as error:
        return _tell(DIFFERS, str(error).splitlines(), as_json)
    except (PennonError, OSError) as error:
        return _tell(FAILED, str(error).splitlines(), as_json)
    return DONE


_YES = frozenset({"1", "true", "yes", "y", "on"})


def _tell(code: int, lines: Sequence[str], as_json: bool, hint: str | None = None) -> int:
    if as_json:
        text = msgspec.json.encode({"error": lines[0], "details": lines[1:]}).decode()
    else:
        text = "\n  ".join([f"pennon: {lines[0]}", *lines[1:], *([hint] if hint else [])])
    print(text, file=sys.stderr)
    return code


def _usage_line(error: CycloptsError) -> str:
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        return f"{error.argument.name} is needed"
    return str(error).strip().splitlines()[0]


def _help_hint(error: CycloptsError) -> str:
    return f"See {' '.join(['pennon', *(error.command_chain or ())])} --help"


def _shown_default(value: object) -> str | None:
    return None if value in ("", (), None) else str(value)
