"""The portable subset of regular expressions, searched in linear time."""
