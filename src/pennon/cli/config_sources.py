"""Reads the documents of a folder, a file or standard input; what is wrong is told at its line."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pennon.cli.config_json import read_json
from pennon.cli.config_layout import FOLDERS
from pennon.cli.config_parsed import Parsed
from pennon.cli.config_yaml import read_yaml
from pennon.cli.errors import CommandFailed
from pennon.errors import BadInput, Fault

ENDINGS: Final = (".yaml", ".yml", ".json")
STDIN: Final = "-"
_MOST_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """One document, and the file that it stands in, as it is named to people."""

    file: str
    parsed: Parsed

    def told(self, fault: Fault) -> str:
        """Return a fault as a line: ``flags/a.yaml:12: rules[0].id: expected …``."""
        line = self.parsed.line_of(fault.path)
        where = self.file if line is None else f"{self.file}:{line}"
        path = fault.path.removeprefix("$").removeprefix(".")
        return f"{where}: {path}: {fault.message}" if path else f"{where}: {fault.message}"


def sources_of(place: str) -> tuple[list[Source], list[str]]:
    """
    Return the documents at *place*, and a line for each file that cannot be read.

    Raises CommandFailed where there is nothing at all.
    """
    if place == STDIN:
        return _read(STDIN, "standard input", sys.stdin.buffer.read(_MOST_BYTES + 1))
    path = Path(place)
    if not path.exists():
        raise CommandFailed(f"There is neither a folder nor a file {place}.")
    files = document_files(path) if path.is_dir() else [path]
    if not files:
        raise CommandFailed(
            f"The folder {place} holds no configuration: no pennon.yaml, and nothing in "
            "flags/ or segments/. pennon export writes one."
        )
    return read_files(files)


def document_files(folder: Path) -> list[Path]:
    """Return the files of the layout in *folder*, in the order in which they are read."""
    found = [folder / f"pennon{ending}" for ending in ENDINGS]
    for name in (FOLDERS["segment"], FOLDERS["flag"]):
        inside = (folder / name).iterdir() if (folder / name).is_dir() else ()
        found += sorted(
            one for one in inside if one.suffix in ENDINGS and not one.name.startswith(".")
        )
    return [one for one in found if one.is_file()]


def read_files(files: Iterable[Path]) -> tuple[list[Source], list[str]]:
    """Return the documents of *files*, and a line for each that cannot be read."""
    sources: list[Source] = []
    faults: list[str] = []
    for file in files:
        try:
            with file.open("rb") as opened:
                data = opened.read(_MOST_BYTES + 1)
        except OSError as error:
            faults.append(f"{file}: {error.strerror}")
            continue
        more, wrong = _read(str(file), str(file), data)
        sources += more
        faults += wrong
    return sources, faults


def _read(name: str, shown: str, data: bytes) -> tuple[list[Source], list[str]]:
    if len(data) > _MOST_BYTES:
        return [], [f"{shown}: expected at most {_MOST_BYTES} bytes"]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], [f"{shown}: expected text in UTF-8"]
    as_json = text.lstrip().startswith("{") if name == STDIN else name.endswith(".json")
    try:
        parsed = read_json(text) if as_json else read_yaml(text)
    except BadInput as error:
        return [], [_told(shown, fault) for fault in error.faults]
    # A stream may end with an empty document; but what holds none is a mistake, such as the
    # output of a command that failed.
    found = [Source(shown, one) for one in parsed if one.value is not None or one.faults]
    return found, [] if found else [f"{shown}: holds no document"]


def _told(shown: str, fault: Fault) -> str:
    number = fault.path.removeprefix("line ")
    return f"{shown}{'' if number == fault.path else f':{number}'}: {fault.message}"
