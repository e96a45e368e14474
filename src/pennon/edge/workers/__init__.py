"""
`pennon edge --workers N`: several processes that are one edge to their clients.

A supervisor holds the port and starts the workers; it answers nothing itself but that nobody is
ready yet. Each worker is a whole edge: it follows the parent, keeps its share of what must be
kept, and is a node of its own in receipts. Interpreters run one thread of Python at a time, so
that a machine with more cores needs more of them.
"""
