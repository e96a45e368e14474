"""Creations that are repeated under an `Idempotency-Key`: made once, answered as the first time."""
