"""`pennon completion`: the shell completes commands and options."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cyclopts import App
from cyclopts.completion.detect import ShellDetectionError

from pennon.cli.output import Json, print_json
from pennon.errors import BadInput

Shell = Literal["bash", "zsh", "fish", "powershell"]


def register(app: App) -> None:
    """Add the commands to *app*, whose tree is what is completed."""
    group = App(name="completion", help="Let the shell complete commands and options.", sort_key=9)
    app.command(group)

    @group.command
    def install(*, shell: Shell | None = None, json: Json = False) -> None:
        """
        Install the completion for your shell and load it at its start.

        Parameters
        ----------
        shell
            The shell; by default the one that runs this.
        """
        path = _installed(app, shell)
        if json:
            print_json({"path": str(path)})
        else:
            print(f"Wrote {path}; it works in the next shell that you start.")

    @group.command
    def show(shell: Shell, /, *, json: Json = False) -> None:
        """
        Print the completion script, to place it yourself.

        Parameters
        ----------
        shell
            The shell that will read it.
        """
        script = app.generate_completion(shell=shell)
        if json:
            print_json({"script": script})
        else:
            print(script)


def _installed(app: App, shell: Shell | None) -> Path:
    try:
        return app.install_completion(shell=shell)
    except ShellDetectionError:
        raise BadInput.at("--shell", "expected a shell; it cannot be told from here") from None
