"""A fleet on one machine: real followers over real sockets, disturbed as a scenario says."""
