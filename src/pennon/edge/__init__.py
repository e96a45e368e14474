"""A node at the tip of the network: follows, keeps, evaluates."""
