"""What a server keeps of requests that are not whole, or wait for those before them."""

from __future__ import annotations


class Unfinished:
    """
    Counts the bytes that each connection has kept here, up to *most* in all.

    Nearly every request arrives in one piece and is answered at once: it is never counted.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[object, int] = {}
        self.total = 0

    def keep(self, whose: object, count: int) -> bool:
        """Say that *whose* requests take *count* bytes by now; return whether there is room."""
        before = self._kept.pop(whose, 0)
        if count:
            self._kept[whose] = count
        self.total += count - before
        return self.total <= self._most or count <= before
