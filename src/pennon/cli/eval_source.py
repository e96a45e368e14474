"""Which flags `pennon eval` evaluates: of a file, an edge's folder, a node, or as they were."""

from __future__ import annotations

from pathlib import Path

from pennon.cli.connection import DEFAULT_URL, FILE, SavedKeys, saved_keys
from pennon.cli.eval_datafiles import Datafile, ask_history, ask_node, files_in, read_file
from pennon.cli.eval_options import FlagSource
from pennon.errors import BadInput, Fault
from pennon.model.position import check_environment

_FOLDER = Path("pennon-data")


def load(source: FlagSource) -> Datafile:
    """
    Return the flags to evaluate: of `--datafile`, else of the folder, else of the node.

    With `--at` they come from the history, which the origin alone has. Raises
    BadInput naming what is missing, CommandFailed when the node gives none.
    """
    if source.at is not None:
        return _from_history(source, source.at)
    if source.datafile is not None:
        return read_file(source.datafile)
    folder = source.data or _FOLDER
    if source.data is not None and not (folder / FILE).exists():
        return _from_folder(source, folder)
    saved = saved_keys(folder, source.parent)
    key, environment = source.key or saved.relay_key, _environment(source, saved)
    if not key and source.parent is None:
        raise BadInput.at(
            "--datafile", f"is needed, or --data or --parent, since {folder / FILE} is not there"
        )
    return ask_node(*_complete(source, saved, key, environment))


def _from_history(source: FlagSource, at: str) -> Datafile:
    if source.datafile is not None:
        raise BadInput.at("--at", "expected no --datafile beside it: a file is of one moment")
    saved = saved_keys(source.data or _FOLDER, source.parent)
    token, environment = source.key or saved.admin_token, _environment(source, saved)
    return ask_history(*_complete(source, saved, token, environment), at)


def _complete(
    source: FlagSource, saved: SavedKeys, key: str | None, environment: str | None
) -> tuple[str, str, str]:
    """Return whom to ask, with what and for which environment. Raises BadInput."""
    if key and environment:
        return (source.parent or saved.url or DEFAULT_URL).rstrip("/"), key, environment
    file = (source.data or _FOLDER) / FILE
    raise BadInput(
        Fault(option, f"is needed, since none is saved in {file}")
        for option, value in {"--key": key, "--environment": environment}.items()
        if not value
    )


def _from_folder(source: FlagSource, folder: Path) -> Datafile:
    files = files_in(folder)
    if not files:
        raise BadInput.at(
            "--data", f"expected a data folder of pennon edge or pennon up, but {folder} is none"
        )
    environment = _environment(source, SavedKeys()) or next(iter(files))
    if source.environment is None and len(files) > 1:
        raise BadInput.at("--environment", f"is needed, one of {', '.join(files)}")
    if environment not in files:
        raise BadInput.at("--environment", f"expected one of {', '.join(files)}, got {environment}")
    return read_file(files[environment], "--data")


def _environment(source: FlagSource, saved: SavedKeys) -> str | None:
    """Return the environment's whole name, or None where none is said or saved."""
    name = source.environment or saved.environment
    if not name:
        return None
    project = source.project or saved.project
    if "/" not in name and project:
        name = f"{project}/{name}"
    return check_environment(name, "--environment")
