"""Deletion: archived flags and segments put aside whole, to be restored until they are purged."""
