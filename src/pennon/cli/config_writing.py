"""Writes the documents of a project into a folder, and finds what lies there beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec import json

from pennon.cli.config_json import write_json
from pennon.cli.config_layout import Format, Piece, kind_of
from pennon.cli.config_sources import document_files, read_files
from pennon.cli.config_yaml import write_yaml
from pennon.cli.errors import CommandFailed

_encode: Final = json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written, those that said the same already, and those of nothing else."""

    written: tuple[Path, ...]
    unchanged: tuple[Path, ...]
    stale: tuple[Path, ...]


def text_of(documents: Iterable[object], format: Format) -> str:
    """Return *documents* as one stream."""
    return write_yaml(documents) if format == "yaml" else write_json(documents)


def write_pieces(folder: Path, pieces: Sequence[Piece], format: Format) -> Written:
    """
    Write each piece into its file, whole or not at all.

    A file that says the same already is left as it is, with the comments that somebody put there.
    Raises CommandFailed where *folder* is a file, and OSError.
    """
    if folder.exists() and not folder.is_dir():
        raise CommandFailed(f"{folder} is a file, and a folder is needed.")
    written, unchanged = [], []
    for piece in pieces:
        path = folder / piece.path
        if _says(path, piece):
            unchanged.append(path)
            continue
        _replace(path, text_of([piece.document], format).encode())
        written.append(path)
    kept = {*written, *unchanged}
    stale = tuple(one for one in document_files(folder) if one not in kept and _is_ours(one))
    return Written(tuple(written), tuple(unchanged), stale)


def _says(path: Path, piece: Piece) -> bool:
    if not path.is_file():
        return False
    sources, faults = read_files([path])
    if faults or len(sources) != 1 or sources[0].parsed.faults:
        return False
    return _encode(sources[0].parsed.value) == _encode(piece.document)


def _is_ours(path: Path) -> bool:
    """Return whether a file holds documents of a project and nothing else."""
    sources, faults = read_files([path])
    return bool(sources) and not faults and all(kind_of(one.parsed.value) for one in sources)


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.writing")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
