"""
Buckets: a number below 2**60 for each value, and the entry of a split that it falls in.

    n      = the first 60 bits of SHA-1 of ``prefix.value``
    chosen = the first entry with  n < ceil(cumulative weight * (2**60 - 1) / 100000)

Nothing here makes n a number. A digest is compared with a threshold as bytes, which orders the
same: a threshold is its 60 bits and four zero bits, so a digest is less exactly when n is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from hashlib import sha1
from itertools import accumulate
from typing import Any, Final

from pennon.evaluation.numbers import MAX_SAFE_INTEGER, as_number
from pennon.evaluation.text import encode_text
from pennon.model.flag import TOTAL_WEIGHT

BITS: Final = 60
NOTHING: Final = b""
"""Stands for the digest where there is no value to hash: n = 0, below every threshold but 0."""

_EVERYTHING: Final = b"\xff" * 21


def bucket_text(value: Any) -> str | None:
    """Return the text by which *value* buckets, or None: strings, and integers below 2**53."""
    if isinstance(value, str):
        return value
    number = as_number(value)
    if number is None or not abs(number) <= MAX_SAFE_INTEGER or not number.is_integer():
        return None
    return str(int(number))


def digest(prefix: bytes, value: Any) -> bytes:
    """Return the digest of *value* behind *prefix*, which ends in its dot."""
    text = bucket_text(value)
    return NOTHING if text is None else sha1(prefix + encode_text(text)).digest()


def prefix_of(key: str, salt: str, seed: int | None = None) -> bytes:
    """Return what stands before a value, its dot included; a seed takes the place of the rest."""
    return encode_text(f"{key}.{salt}." if seed is None else f"{seed}.")


def threshold(cumulative_weight: int) -> bytes:
    """Return the bytes that a digest lies below when n lies in the first *cumulative_weight*."""
    n = -(-cumulative_weight * (2**BITS - 1) // TOTAL_WEIGHT)
    if n <= 0:
        return NOTHING
    return (n << 4).to_bytes(8, "big") if n < 2**BITS else _EVERYTHING


def thresholds(weights: Iterable[int]) -> tuple[bytes, ...]:
    """Return the thresholds of a split's entries, in order; they never fall."""
    return tuple(accumulate(map(threshold, accumulate(weights)), max))


def choose(bounds: tuple[bytes, ...], hashed: bytes) -> int:
    """Return the index of the first entry above *hashed*; past the end, the last entry."""
    return bisect_right(bounds, hashed, 0, len(bounds) - 1)
