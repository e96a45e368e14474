"""Who may do what: environment keys, which travel to every edge, and admin tokens, which do not."""
