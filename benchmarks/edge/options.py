"""How long things are measured, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Options:
    """
    Each server is asked for *seconds* in each of *rounds*, *rate* times a second where it is open.

    An edge starts so many *times* with *flags*, and once with *many*, to see what memory they take.
    """

    seconds: float = 3.0
    rounds: int = 5
    rate: float = 5000.0
    flags: int = 1000
    many: int = 10_000
    times: int = 5
    peers: bool = True

    @classmethod
    def quick(cls) -> Self:
        """Return what shows that everything runs, and little else."""
        return cls(seconds=0.3, rounds=1, rate=300.0, flags=20, many=40, times=1, peers=False)
