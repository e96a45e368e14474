"""People: who they are, how they sign in with a password, and the sessions that follow."""
