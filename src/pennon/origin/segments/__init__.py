"""Segments: named by their project, with members and rules in each of its environments."""
