"""
What every node is told of environments: which of them there are to follow.

An environment is offered while its name is an item of `$access`. Nothing else says so: who asks
for one that is not offered is told that it does not exist, and who follows it lets it go.
"""

from __future__ import annotations

from pennon.model.access import AccessEnvironment
from pennon.model.position import ACCESS
from pennon.origin.changelog import Transaction


def offer(transaction: Transaction, *environments: str) -> None:
    """Lock *environments* and tell every node that they are there to follow."""
    transaction.lock([ACCESS, *environments])
    for name in environments:
        transaction.publish(ACCESS, "environment", name, AccessEnvironment(key=name))


def take_back(transaction: Transaction, *environments: str) -> None:
    """Lock *environments* and tell every node to let go of them; their versions stay."""
    transaction.lock([ACCESS, *environments])
    for name in environments:
        transaction.withdraw(ACCESS, "environment", name)
