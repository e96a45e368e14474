"""Pennon: feature flags served at the tip of the network."""

__version__ = "0.1.0"
