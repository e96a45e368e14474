"""Flags: a definition that is the project's, and targeting in each of its environments."""
