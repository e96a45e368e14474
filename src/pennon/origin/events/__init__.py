"""Exposures and custom events: kept as they come, shown to operators, let go after a while."""
