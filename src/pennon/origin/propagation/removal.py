"""Records that a PoP, or a node of it, was removed by an administrator."""

from __future__ import annotations

from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.propagation.schemas import Removed


def record_removal(
    transaction: Transaction, removed: Removed, node: str | None, author: Author
) -> None:
    """Append to the audit log who took a PoP, or its *node*, out of the receipts."""
    action = "pop.removed" if node is None else "node.removed"
    resource = f"pop/{removed.pop}" if node is None else f"node/{removed.pop}/{node}"
    record(transaction, author, INSTALLATION_CHAIN, action, resource, before=removed)
