"""One case of the fuzz: what is sent, piece by piece, and what may come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

End = Literal["reads", "half", "waits"]
"""
What a client does that has sent everything: it reads its answer and leaves, it closes its side
and reads on, or it waits for the server to make an end.
"""


@dataclass(frozen=True)
class Case:
    """
    Sent in *pieces*; at most so many *answers* may come, where that is known.

    A *harmless* one says what the request says from which it was made, in another way: it must
    be answered alike. An *ambiguous* one could be understood in two ways: it must be refused.
    """

    name: str
    pieces: tuple[bytes, ...]
    end: End = "half"
    answers: int | None = None
    harmless: bool = False
    ambiguous: bool = False
