"""Cuts what is to be sent into portions that a parent reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def portions(items: Iterable[T], weigh: Callable[[T], int], most: int) -> Iterator[tuple[T, ...]]:
    """Yield *items* in their order, in portions that weigh at most *most* or are a single one."""
    portion: list[T] = []
    weight = 0
    for item in items:
        its_weight = weigh(item)
        if portion and weight + its_weight > most:
            yield tuple(portion)
            portion, weight = [], 0
        portion.append(item)
        weight += its_weight
    if portion:
        yield tuple(portion)
