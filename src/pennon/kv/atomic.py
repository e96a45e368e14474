"""A file replaced wholly or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """
    Make *data* the contents of *path*, readable by its owner alone; two callers must take turns.

    Temp file, fsync, rename, fsync of the folder, which is made when it is missing: a reader sees
    the old contents or the new, also across a power cut. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # One name for all attempts: what a crash leaves behind, the next write takes over.
    temporary = path.with_name(f".{path.name}.writing")
    try:
        with open(temporary, "wb", opener=private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)  # half a value on a full disk helps nobody
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def private(path: str, flags: int) -> int:
    """Open a file that only its owner may read; an `opener` for `open`."""
    return os.open(path, flags, 0o600)
