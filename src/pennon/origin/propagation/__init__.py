"""Which PoPs have a change: receipts, and the registry of nodes."""
