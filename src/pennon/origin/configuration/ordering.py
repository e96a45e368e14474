"""The order in which followers are told of things: what is used comes before what uses it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pennon.model.messages import ItemId
from pennon.origin.configuration.state import State
from pennon.origin.uses.named import uses_of


def users_last(state: State) -> list[ItemId]:
    """
    Return what is not archived, each thing after those that it uses in any environment.

    Where two use each other, each in another environment, the one that is met first comes last.
    """
    uses: dict[ItemId, set[ItemId]] = {
        **{("segment", key): set() for key, one in state.segments.items() if not one.archived},
        **{("flag", key): set() for key, one in state.flags.items() if not one.archived},
    }
    for environment in state.environments:
        for key, segment in state.segments_in(environment).items():
            uses["segment", key].update(uses_of(segment))
        for key, flag in state.flags_in(environment).items():
            uses["flag", key].update(uses_of(flag))
    return _after_what_they_use(uses)


def _after_what_they_use(uses: Mapping[ItemId, Iterable[ItemId]]) -> list[ItemId]:
    """Walk depth first with a stack of its own, so that a chain of any length is fine."""
    placed: dict[ItemId, None] = {}
    met: set[ItemId] = set()
    for start in sorted(uses, key=lambda item: (item[0] == "flag", item[1])):
        waiting = [(start, False)]
        while waiting:
            item, done = waiting.pop()
            if done:
                placed[item] = None
            elif item not in met:
                met.add(item)
                waiting.append((item, True))
                waiting += [(one, False) for one in sorted(uses.get(item, ()), reverse=True)]
    return list(placed)
