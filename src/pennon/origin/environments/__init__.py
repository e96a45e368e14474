"""Environments: where a project's flags are switched, each with its own versions."""
