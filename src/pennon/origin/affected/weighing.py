"""Evaluates contexts before and after a change, and says for whom the answer is another. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from msgspec import UNSET

from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Memberships
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.messages import ItemId
from pennon.origin.affected.schemas import Affected, Example, Move, Served
from pennon.origin.schemas import short_name

MOST_EXAMPLES: Final = 10
_LONGEST_VALUE: Final = 256
_MOST_MOVES: Final = 100

Kinds = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Weighing:
    """Adds up, environment by environment, who is affected."""

    sampled: int = 0
    changed: int = 0
    flags: int = 0
    complete: bool = True
    _moves: Counter[tuple[str, str, str | None, str | None]] = field(default_factory=Counter)
    _examples: list[Example] = field(default_factory=list)

    def add(
        self,
        environment: str,
        flags: Sequence[str],
        before: Mapping[ItemId, bytes],
        after: Mapping[ItemId, bytes],
        contexts: Sequence[Kinds],
        members: Memberships,
    ) -> None:
        """
        Evaluate *flags* for *contexts* with an environment's items *before* and *after*.

        *members* says who is in its external segments, which no item does.
        """
        old, new = _ruleset(before), _ruleset(after)
        self.sampled += len(contexts)
        self.flags += len(flags)
        for kinds in contexts:
            context = Context(kinds)
            moved = False
            for flag in flags:
                was = evaluate(old, flag, context, members)
                is_ = evaluate(new, flag, context, members)
                if not _same(was, is_):
                    moved = True
                    self._note(short_name(environment), flag, kinds, was, is_)
            self.changed += moved

    def result(self) -> Affected:
        """Return what was found."""
        return Affected(
            sampled=self.sampled,
            changed=self.changed,
            flags=self.flags,
            complete=self.complete,
            by_variation=tuple(
                Move(environment=environment, flag=flag, from_=was, to=is_, count=count)
                for (environment, flag, was, is_), count in self._moves.most_common(_MOST_MOVES)
            ),
            examples=tuple(self._examples),
        )

    def _note(self, environment: str, flag: str, kinds: Kinds, was: Detail, is_: Detail) -> None:
        move = environment, flag, was.variation, is_.variation
        # One of each kind of move first shows more than ten of the same.
        if len(self._examples) < MOST_EXAMPLES and self._moves[move] < 3:
            self._examples.append(
                Example(
                    environment=environment,
                    flag=flag,
                    context=kinds,
                    from_=_served(was),
                    to=_served(is_),
                )
            )
        self._moves[move] += 1


def _ruleset(items: Mapping[ItemId, bytes]) -> Ruleset:
    return Ruleset.of(
        0,
        flags={key: data for (kind, key), data in items.items() if kind == "flag"},
        segments={key: data for (kind, key), data in items.items() if kind == "segment"},
    )


def _same(was: Detail, is_: Detail) -> bool:
    return was.variation == is_.variation and _encoded(was) == _encoded(is_)


def _served(detail: Detail) -> Served:
    if detail.variation is None or len(_encoded(detail)) > _LONGEST_VALUE:
        return Served(variation=detail.variation, value=UNSET)
    return Served(variation=detail.variation, value=detail.value)


def _encoded(detail: Detail) -> bytes:
    """Return a value as JSON: to Python true is equal to 1."""
    return msgspec.json.encode(detail.value)
