"""How much memory a flag or segment takes once it is compiled, told from its bytes."""

from __future__ import annotations

from typing import Final

_A_BYTE: Final = 2
_A_MARK: Final = 45


def compiled(item: bytes) -> int:
    """
    Return what *item* takes: its bytes, the flag decoded from them, and the code made of that.

    A long text is held twice, as it came and decoded. Whatever else there is comes as names and
    values, each of which becomes an object and a place in a table or in code: they are counted by
    their quotation marks, or by the commas between numbers. Fitted to what `tracemalloc` says of
    flags that were all asked for; a test holds it to that within a factor of one and a half. A
    flag that nobody asks for takes half as much, but the next request for all asks for it.
    """
    return _A_BYTE * len(item) + _A_MARK * max(item.count(b'"'), item.count(b","))
