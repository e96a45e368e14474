"""
What runs in a process of its own: one engine, loaded, asked and changed.

    python -m benchmarks.scale.probe ENGINE FILE COUNT

FILE holds what the engine's `encode` returned for COUNT flags. Prints one line of JSON.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.scale.flags import Shape, make_shapes

_CHANGES_NS = 1_000_000_000
"""How long changes are applied; at least three are."""


class Measured(msgspec.Struct, frozen=True):
    """Seconds of CPU, bytes, and in `values` the answers of the flags without a split."""

    load: float
    first: float
    again: float
    loaded_bytes: int
    asked_bytes: int
    change: float
    first_after_change: float
    values: list[bool]


def main(engine: str, file: str, count: int) -> None:
    module: Any = import_module(f"benchmarks.scale.engines.{engine}")
    shapes = make_shapes(count)
    # What loading one flag loads belongs to no flag.
    module.load(module.encode([Shape("warm", share=50)])).ask("warm")
    data = Path(file).read_bytes()
    before = _resident()

    started = time.process_time()
    loaded = module.load(data)
    load = time.process_time() - started
    del data
    loaded_bytes = _resident() - before

    first = _ask_each(loaded, shapes)
    asked_bytes = _resident() - before
    again = _ask_each(loaded, shapes)
    values = [loaded.ask(shape.key) for shape in shapes if not shape.is_split]
    change, first_after_change = _change_many(module, loaded, shapes)
    measured = Measured(
        load, first, again, loaded_bytes, asked_bytes, change, first_after_change, values
    )
    sys.stdout.buffer.write(msgspec.json.encode(measured))
    sys.stdout.flush()
    # Some engines keep threads that would not end.
    os._exit(0)


def _ask_each(loaded: Any, shapes: list[Shape]) -> float:
    started = time.process_time()
    for shape in shapes:
        loaded.ask(shape.key)
    return time.process_time() - started


def _change_many(module: Any, loaded: Any, shapes: list[Shape]) -> tuple[float, float]:
    """Return the medians of applying a change, and of the first evaluation after it."""
    applied, asked = [], []
    for index in range(len(shapes)):
        data = module.encode_change(shapes, index)
        started = time.process_time()
        loaded.change(data)
        changed = time.process_time()
        loaded.ask(shapes[index].key)
        asked.append(time.process_time() - changed)
        applied.append(changed - started)
        if index >= 2 and sum(applied) * 1e9 > _CHANGES_NS:
            break
    return statistics.median(applied), statistics.median(asked)


def _resident() -> int:
    """Return the bytes of memory that this process holds: 0 where it is not Linux that tells."""
    gc.collect()
    statistics_of_memory = Path("/proc/self/statm")
    if not statistics_of_memory.exists():
        return 0
    pages = int(statistics_of_memory.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
