"""What an edge of several processes gains, and how they may share a port and a parent."""
