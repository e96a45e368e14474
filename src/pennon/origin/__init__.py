"""The control plane: the source of truth, its management API and its changelog."""
