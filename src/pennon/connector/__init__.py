"""A node that follows a parent and fans out to those below; an edge is one that also evaluates."""
