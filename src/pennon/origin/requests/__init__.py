"""Change requests: changes that others approve before they are made."""
