"""Others that answer the same questions; `scripts/edge-peers` installs what they need."""
