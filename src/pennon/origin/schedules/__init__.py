"""Scheduled changes: instructions to a flag that an origin carries out when their time comes."""
