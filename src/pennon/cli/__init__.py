"""The command line: `main` is what the `pennon` command runs."""

from __future__ import annotations

import sys
from importlib.util import find_spec

_NEEDED = ("cyclopts", "rich", "sqlalchemy", "starlette", "structlog", "uvicorn", "yaml")


def main() -> None:
    """Run the command in ``sys.argv`` and exit: 0 done, 1 failed, 2 asked for wrongly."""
    # `pip install pennon` alone is the SDK; its script must still say something useful
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        sys.exit(
            f"pennon: the command line needs {', '.join(missing)}: "
            "install the server extra with  pip install 'pennon[server]'"
        )
    from pennon.cli.app import run

    sys.exit(run(sys.argv[1:]))
