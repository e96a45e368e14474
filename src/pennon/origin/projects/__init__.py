"""Projects: each has its flags, segments, environments and audit chain."""
