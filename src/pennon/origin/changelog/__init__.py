"""
The changelog: what every environment's followers are told, in dense order.

`Changelog.commit` runs one unit of work as one transaction and wakes the bus after it;
`reads` answers the questions of those who follow.
"""

from pennon.origin.changelog.reads import (
    EnvironmentState,
    changes_after,
    latest_changes,
    positions,
    snapshot,
)
from pennon.origin.changelog.transaction import Changelog, Item, Transaction

__all__ = [
    "Changelog",
    "EnvironmentState",
    "Item",
    "Transaction",
    "changes_after",
    "latest_changes",
    "positions",
    "snapshot",
]
