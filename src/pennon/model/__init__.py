"""The types that cross a boundary: flags, contexts, messages, keys, and their codec."""
