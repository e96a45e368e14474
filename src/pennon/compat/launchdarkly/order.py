"""The order in which items that refer to one another are converted, and their chains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def chain_lengths(references: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """
    Return, for each item, how many items its longest chain of references has, itself included.

    Items come after those that they refer to. An item on a cycle, or that leads to one, is left
    out, and a reference to what does not exist counts for nothing.
    """
    known = {key: [to for to in targets if to in references] for key, targets in references.items()}
    waiting = {key: len(set(targets)) for key, targets in known.items()}
    users: dict[str, list[str]] = {key: [] for key in known}
    for key, targets in known.items():
        for target in set(targets):
            users[target].append(key)
    lengths: dict[str, int] = {}
    ready = [key for key, count in waiting.items() if count == 0]
    while ready:
        key = ready.pop()
        lengths[key] = 1 + max((lengths[target] for target in known[key]), default=0)
        for user in users[key]:
            waiting[user] -= 1
            if waiting[user] == 0:
                ready.append(user)
    return lengths
