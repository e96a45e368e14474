"""The audit log: append-only records of every change, each bound to the one before by its hash."""
