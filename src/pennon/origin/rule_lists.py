"""Rules in their order, found and moved by id: what instructions do to them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from pennon.errors import BadInput


class Identified(Protocol):
    """A rule, of a flag or of a segment."""

    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=Identified)


def place_of(rules: Sequence[Identified], id: str, field: str = "ruleId") -> int:
    """Return where the rule *id* stands. Raises BadInput at *field*, the one that named it."""
    for place, rule in enumerate(rules):
        if rule.id == id:
            return place
    raise BadInput.at(f"$.{field}", f"expected {_one_of(rules)}, got {id!r}")


def inserted(
    rules: Sequence[R], rule: R, before: str | None = None, after: str | None = None
) -> tuple[R, ...]:
    """Return *rules* with *rule* beside another one, by default at the end. Raises BadInput."""
    if any(one.id == rule.id for one in rules):
        raise BadInput.at("$.rule.id", f"expected an id of its own, got {rule.id!r}")
    if before is not None and after is not None:
        raise BadInput.at("$.after", "expected only one of `before` and `after`")
    place = len(rules)
    if before is not None:
        place = place_of(rules, before, "before")
    elif after is not None:
        place = place_of(rules, after, "after") + 1
    return (*rules[:place], rule, *rules[place:])


def replaced(rules: Sequence[R], place: int, rule: R) -> tuple[R, ...]:
    """Return *rules* with another rule at *place*."""
    return (*rules[:place], rule, *rules[place + 1 :])


def removed(rules: Sequence[R], id: str) -> tuple[R, ...]:
    """Return *rules* without the rule *id*. Raises BadInput."""
    place = place_of(rules, id)
    return (*rules[:place], *rules[place + 1 :])


def reordered(rules: Sequence[R], ids: Sequence[str]) -> tuple[R, ...]:
    """
    Return *rules* in the order of *ids*, which names each of them once. Raises BadInput.

    A rule that somebody has added meanwhile is thus never moved unseen.
    """
    by_id = {rule.id: rule for rule in rules}
    for place, id in enumerate(ids):
        if id not in by_id:
            raise BadInput.at(f"$.ruleIds[{place}]", f"expected {_one_of(rules)}, got {id!r}")
        if id in ids[:place]:
            raise BadInput.at(f"$.ruleIds[{place}]", f"expected each rule once, got {id!r} again")
    missing = [repr(id) for id in by_id if id not in ids]
    if missing:
        raise BadInput.at("$.ruleIds", f"expected every rule, got none of {', '.join(missing)}")
    return tuple(by_id[id] for id in ids)


def _one_of(rules: Sequence[Identified]) -> str:
    ids = [repr(rule.id) for rule in rules]
    if not ids:
        return "the id of a rule, of which there are none"
    more = f" or one of {len(ids) - 10} more" if len(ids) > 10 else ""
    return f"the id of a rule ({', '.join(ids[:10])}{more})"
